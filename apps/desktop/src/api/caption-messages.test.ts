import { describe, expect, it } from 'vitest'
import { emptyTranscript, reduceTranscript } from '@saywire/speech'
import { createWindowCaptions } from '../host/window-captions.ts'
import { committed, final, interim } from '../overlay/testing/speak.ts'
import { captionMessages } from './caption-messages.ts'
import type { CaptionMessage, CaptionView } from './desktop-state.ts'

function speakTo(captions: ReturnType<typeof createWindowCaptions>) {
  const sink = captions.openSink(() => false)
  let transcript = emptyTranscript
  return (event: ReturnType<typeof interim> | ReturnType<typeof final>) => {
    transcript = reduceTranscript(transcript, event)
    sink.onEvent(event, transcript)
  }
}

describe('what a window is told', () => {
  const captions = createWindowCaptions()
  const say = speakTo(captions)
  const stop = new AbortController()
  const messages = captionMessages(captions, stop.signal)
  const next = async () => (await messages.next()).value as CaptionMessage

  it('begins with everything that there is', async () => {
    say(final('before', 1000))
    const first = await next()
    expect(first).toMatchObject({ type: 'snapshot', captions: [{ text: 'before' }], interim: '' })
  })

  it('skips guesses that a slow window has not taken, and no final', async () => {
    for (let endMs = 1100; endMs < 2000; endMs += 100) say(interim(`guess ${endMs}`, endMs))
    say(final('one', 2000))
    say(interim('guess again', 2500))
    say(final('two', 3000))
    expect(await next()).toMatchObject({ type: 'final', caption: { text: 'one' } })
    expect(await next()).toMatchObject({ type: 'final', caption: { text: 'two' } })
    expect(await next()).toEqual({ type: 'interim', text: '' })
  })

  it('says how much of a guess is settled, also where the words are the same', async () => {
    say(committed('so we play', 3500, 0))
    expect(await next()).toEqual({ type: 'interim', text: 'so we play' })
    say(committed('so we play', 3600, 2))
    expect(await next()).toEqual({ type: 'interim', text: 'so we play', settledChars: 5 })
    expect(captions.snapshot()).toMatchObject({ interim: 'so we play', settledChars: 5 })
    say(final('', 3700))
    expect(await next()).toEqual({ type: 'interim', text: '' })
  })

  it('gives a window that takes nothing for long everything anew', async () => {
    for (let at = 0; at < 2000; at++) say(final(`line ${at}`, 4000 + at * 100))
    const seen: CaptionView[] = []
    while (seen.at(-1)?.text !== 'line 1999') {
      const message = await next()
      if (message.type === 'snapshot') seen.push(...message.captions)
      if (message.type === 'final') seen.push(message.caption)
    }
    // Those from before come with it; none is missing, none comes twice.
    expect(seen.map(({ text }) => text)).toEqual([
      'before',
      'one',
      'two',
      ...Array.from({ length: 2000 }, (_, at) => `line ${at}`),
    ])
  })

  it('says a repetition of a final once', async () => {
    const other = createWindowCaptions()
    const tell = speakTo(other)
    tell(final('once', 1000))
    tell(final('once', 1000))
    expect(other.snapshot().captions).toHaveLength(1)
  })

  it('ends with its window', async () => {
    stop.abort()
    expect(await messages.next()).toEqual({ done: true, value: undefined })
  })
})
