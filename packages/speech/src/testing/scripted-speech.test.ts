import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { msToBytes } from '../pcm.ts'
import { writeScript } from './scripted-speech.ts'
import { createScriptedTranscriber } from './scripted-transcriber.ts'

const options = {
  bytesPerMs: 32,
  interimResults: true,
  vadEvents: true,
  punctuate: false,
  endpointingMs: 300,
  utteranceEndMs: 1000,
}

interface Results {
  readonly is_final: boolean
  readonly start: number
  readonly channel: {
    readonly alternatives: readonly [
      { readonly words: readonly { word: string; start: number; end: number }[] },
    ]
  }
}

function finalsOf(chunks: readonly Uint8Array[]): Results[] {
  const transcriber = createScriptedTranscriber(options)
  const said = chunks.flatMap((chunk) => transcriber.push(chunk))
  return [...said, ...transcriber.finalize(false)].filter(
    (message): message is Results => 'is_final' in message && message.is_final === true,
  )
}

/** Words with their times, moved by `byMs`. */
function wordsOf(chunks: readonly Uint8Array[], byMs = 0) {
  return finalsOf(chunks).flatMap(({ channel }) =>
    channel.alternatives[0].words.map(({ word, start, end }) => ({
      text: word,
      startMs: Math.round(start * 1000) + byMs,
      endMs: Math.round(end * 1000) + byMs,
    })),
  )
}

describe('scripted speech', () => {
  const script = writeScript({ seed: 7, durationMs: 30_000 })

  it('is heard word for word at the times that it states, however it is cut up', () => {
    expect(script.words.length).toBeGreaterThan(40)
    fc.assert(
      fc.property(fc.array(fc.nat(script.pcm.byteLength), { maxLength: 50 }), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), script.pcm.byteLength]
        const chunks = at.slice(1).map((end, i) => script.pcm.subarray(at[i], end))
        expect(wordsOf(chunks)).toEqual(script.words)
      }),
      { numRuns: 20 },
    )
  })

  it('is heard the same from anywhere on, but for the word that was torn', () => {
    fc.assert(
      fc.property(fc.nat(script.durationMs - 1000), (fromMs) => {
        const rest = wordsOf([script.pcm.subarray(msToBytes(fromMs))], fromMs)
        const whole = script.words.filter(({ startMs }) => startMs >= fromMs)
        expect(rest.filter(({ text }) => text !== 'cut')).toEqual(whole)
        expect(rest.length - whole.length).toBeLessThanOrEqual(1)
      }),
      { numRuns: 50 },
    )
  })

  it('has no word left where audio was lost or doubled inside of it', () => {
    const { startMs, endMs } = script.words[9] as (typeof script.words)[number]
    const middle = msToBytes(Math.round((startMs + endMs) / 2))
    const lost = [script.pcm.subarray(0, middle), script.pcm.subarray(middle + 640)]
    const doubled = [script.pcm.subarray(0, middle), script.pcm.subarray(middle - 640)]
    for (const pieces of [lost, doubled]) {
      expect(wordsOf(pieces).map(({ text }) => text)).toEqual(
        script.words.map(({ text }, index) => (index === 9 ? 'cut' : text)),
      )
    }
  })

  it('comes in finals that never cut a word, also where nobody pauses', () => {
    const ends = finalsOf([script.pcm]).map(({ start }) => start * 1000)
    const inWord = ends.filter((atMs) =>
      script.words.some(({ startMs, endMs }) => atMs > startMs && atMs < endMs),
    )
    expect(inWord).toEqual([])
    expect(ends.length).toBeGreaterThan(8)
  })
})
