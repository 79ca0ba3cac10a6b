import type { FinalEvent, InterimEvent, SpeechEvent, TranscriptState } from '@saywire/speech'
import { emptyTranscript, FINALS_KEPT, reduceTranscript } from '@saywire/speech'
import { expect, it } from 'vitest'
import type { CaptionSink } from '../core/ports.ts'
import { withWordRules } from './with-word-rules.ts'
import { settingsSchema } from '../settings/settings.ts'
import type { WordRules } from './word-rules.ts'
import { createWordRules } from './word-rules.ts'

function heard(type: 'final' | 'interim', text: string, startMs: number) {
  const base = { text, words: [], confidence: 1, startMs, endMs: startMs + 100 }
  return (type === 'final' ? { type, ...base, speechFinal: true } : { type, ...base }) as
    | FinalEvent
    | InterimEvent
}

/** Upper case, and counts what it was asked. */
function loudRules(): WordRules & { asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    reachWords: 1,
    ofFinal(transcript) {
      asked.push(transcript.text)
      return { ...transcript, text: transcript.text === 'um' ? '' : transcript.text.toUpperCase() }
    },
    ofInterim(transcript) {
      asked.push(transcript.text)
      return { ...transcript, text: transcript.text.toUpperCase() }
    },
  }
}

function recorder() {
  const told: { event: SpeechEvent; transcript: TranscriptState }[] = []
  const sink: CaptionSink = { onEvent: (event, transcript) => told.push({ event, transcript }) }
  return { sink, told }
}

it('tells event and transcript alike, and leaves out a final of which nothing is left', () => {
  const { sink, told } = recorder()
  const wrapped = withWordRules(sink, loudRules())
  let transcript = emptyTranscript
  for (const event of [
    heard('interim', 'o', 0),
    heard('final', 'one', 0),
    heard('final', 'um', 200),
  ]) {
    transcript = reduceTranscript(transcript, event)
    wrapped.onEvent(event, transcript)
  }
  expect(told[0]).toMatchObject({ event: { text: 'O' }, transcript: { interim: { text: 'O' } } })
  expect(told[1]?.event).toBe(told[1]?.transcript.finals[0])
  expect(told[2]).toMatchObject({
    event: { type: 'final', text: '' },
    transcript: { finals: [{ text: 'ONE' }], interim: undefined, horizonMs: 300 },
  })
})

it('rewrites each of thousands of finals once, and nothing on other events', () => {
  const { sink, told } = recorder()
  const rules = loudRules()
  const wrapped = withWordRules(sink, rules)
  let transcript = emptyTranscript
  for (let index = 0; index < 3000; index += 1) {
    const event = heard('final', `word ${index}`, index * 200)
    transcript = reduceTranscript(transcript, event)
    wrapped.onEvent(event, transcript)
    wrapped.onEvent({ type: 'usage', audioMs: index * 200 }, transcript)
  }
  expect(rules.asked).toHaveLength(3000)
  expect(told.at(-1)?.transcript.finals).toHaveLength(FINALS_KEPT)
  expect(told.at(-1)?.transcript.finals).toBe(told.at(-2)?.transcript.finals)
})

it('follows a transcript that was cleared', () => {
  const { sink, told } = recorder()
  const wrapped = withWordRules(sink, loudRules())
  const [first, second] = [heard('final', 'one', 0), heard('final', 'two', 200)] as FinalEvent[]
  wrapped.onEvent(first!, { finals: [first!], interim: undefined, horizonMs: 100 })
  wrapped.onEvent(second!, { finals: [second!], interim: undefined, horizonMs: 300 })
  expect(told[1]?.transcript.finals.map(({ text }) => text)).toEqual(['TWO'])
})

it('closes the sink, and is the sink itself where there is nothing to do', async () => {
  const { sink } = recorder()
  let closed = false
  const closing = { ...sink, close: async () => void (closed = true) }
  await withWordRules(closing, loudRules()).close?.()
  expect(closed).toBe(true)
  expect(withWordRules(sink, undefined)).toBe(sink)
})

it.each([
  // The longest phrase has two words, so that the last committed one may still become another.
  ['all but the last of words that no rule touches', 'we play chess', 2, 1],
  ['what is left where a committed word is left out', 'so um we play', 4, 2],
  ['nothing that the next word could make another phrase of', 'in new york', 2, 1],
  ['the replacement of a phrase that is committed whole', 'in new york today we', 4, 2],
  ['no more words than are shown', 'um', 1, 0],
])('keep as committed %s', (_what, text, committedWords, kept) => {
  const { sink, told } = recorder()
  const replacements = [
    { from: 'new york', to: 'NYC' },
    { from: 'um', to: '' },
  ]
  const { words } = settingsSchema.parse({ words: { replacements } })
  const wrapped = withWordRules(sink, createWordRules(words, 'window'))
  const spoken = text.split(' ').map((word, at) => ({
    text: word,
    startMs: at * 300,
    endMs: at * 300 + 300,
    confidence: 1,
  }))
  const event = { ...heard('interim', text, 0), words: spoken, committedWords } as InterimEvent
  wrapped.onEvent(event, reduceTranscript(emptyTranscript, event))
  expect(told[0]?.event).toMatchObject({ committedWords: kept })
  expect(told[0]?.transcript.interim).toBe(told[0]?.event)
})
