import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { joined, noise, silence, voice } from '../testing/synthetic-audio.ts'
import { createEnergyVoiceDetector } from './energy-voice-detector.ts'
import type { SpeechSegment } from './segmenter.ts'
import { createSegmenter } from './segmenter.ts'
import type { VoiceDetector } from './voice-detector.ts'

const MS = 16

interface Told extends SpeechSegment {
  readonly endsUtterance: boolean
  /** It was told as a pause before it was over. */
  readonly wasPaused: boolean
}

interface Hearing {
  readonly chunk?: number
  readonly endpointMs?: number
  readonly detector?: VoiceDetector
}

function segmentsOf(audio: Int16Array, hearing: Hearing = {}) {
  const { chunk = audio.length, endpointMs = 500, detector = createEnergyVoiceDetector() } = hearing
  const segments: Told[] = []
  const starts: number[] = []
  const pauses: SpeechSegment[] = []
  const segmenter = createSegmenter({
    detector,
    endpointMs,
    onSpeechStart: (sample) => starts.push(sample / MS),
    onPause: (segment) => pauses.push(segment),
    onSegment: (segment, endsUtterance) =>
      segments.push({ ...segment, endsUtterance, wasPaused: pauses.includes(segment) }),
  })
  for (let at = 0; at < audio.length; at += chunk) segmenter.push(audio.subarray(at, at + chunk))
  return { segmenter, segments, starts, pauses }
}

describe('segments of speech', () => {
  const words = joined(
    silence(1000),
    voice(800, 0.2),
    silence(1500),
    voice(900, 0.2),
    silence(1500),
  )

  it('begin before the onset and end after the pause, with the speech whole between', () => {
    const { segments, starts } = segmentsOf(words)
    expect(segments).toHaveLength(2)
    const [first, second] = segments as [Told, Told]
    expect(first.startSample).toBeLessThanOrEqual(700 * MS)
    expect(first.endSample).toBeGreaterThanOrEqual(1800 * MS)
    expect(second.startSample).toBeGreaterThanOrEqual(first.endSample)
    expect(second.startSample).toBeLessThanOrEqual(3000 * MS)
    expect(second.endSample).toBeGreaterThanOrEqual(4200 * MS)
    expect(segments.every((segment) => segment.endsUtterance)).toBe(true)
    expect(starts[0]).toBeGreaterThan(990)
    expect(starts[0]).toBeLessThan(1100)
  })

  it('hold exactly the audio of their times', () => {
    const { segments } = segmentsOf(words)
    for (const { samples, startSample, endSample } of segments) {
      const wanted = words.subarray(startSample, endSample)
      expect(samples).toHaveLength(wanted.length)
      expect(samples.findIndex((sample, i) => sample !== (wanted[i] as number) / 32_768)).toBe(-1)
    }
  })

  it('are the same however the audio is cut', () => {
    const cuts = (chunk?: number) => {
      return segmentsOf(words, chunk === undefined ? {} : { chunk }).segments.map((one) => [
        one.startSample,
        one.endSample,
      ])
    }
    expect(cuts(1)).toEqual(cuts())
    expect(cuts(777)).toEqual(cuts())
  })

  it('stay whole over a pause that is shorter than the endpoint', () => {
    expect(segmentsOf(words, { chunk: 1600, endpointMs: 2500 }).segments).toHaveLength(0)
    const { segmenter, segments } = segmentsOf(words, { chunk: 1600, endpointMs: 2500 })
    segmenter.flush()
    expect(segments).toHaveLength(1)
  })

  it('are cut at the quietest place where nobody pauses, without losing a sample', () => {
    const talk = [voice(10_000, 0.2), noise(200, 0.004), voice(12_000, 0.2), silence(1000)]
    const { segments } = segmentsOf(joined(...talk), { chunk: 3200 })
    expect(segments).toHaveLength(2)
    const [first, second] = segments as [Told, Told]
    expect(first.endsUtterance).toBe(false)
    expect(first.endSample / MS).toBeGreaterThan(10_000)
    expect(first.endSample / MS).toBeLessThan(10_200)
    expect(second.startSample).toBe(first.endSample)
    expect(second.endsUtterance).toBe(true)
  })

  it('never grow beyond 14 s and a pause', () => {
    const { segments } = segmentsOf(joined(noise(1000, 0.001), voice(120_000, 0.3)), {
      chunk: 3200,
    })
    expect(segments.length).toBeGreaterThan(7)
    for (const { samples } of segments) expect(samples.length / MS).toBeLessThanOrEqual(14_300)
  })

  it('show what has been said so far, and end when they are asked to', () => {
    const { segmenter, segments } = segmentsOf(joined(silence(1000), voice(800, 0.2)))
    expect(segmenter.startSample).toBeDefined()
    expect(segmenter.current()?.endSample).toBe(1800 * MS)
    segmenter.flush()
    expect(segments).toHaveLength(1)
    expect(segmenter.startSample).toBeUndefined()
    expect(segmenter.current()).toBeUndefined()
    segmenter.flush()
    expect(segments).toHaveLength(1)
  })
})

const FRAME = 20 * MS

/** Hears exactly what the pattern says. */
function byPattern(): VoiceDetector {
  return { frameSamples: FRAME, isSpeech: (frame) => (frame[0] as number) > 0.25 }
}

/** Frames of voice and of silence by turns, ms each; told apart by their loudness. */
function pattern(runs: readonly (readonly [voicedMs: number, silentMs: number])[]): Int16Array {
  const parts = runs.flatMap(([voicedMs, silentMs]) => {
    return [silence(voicedMs).fill(0.5), silence(silentMs)]
  })
  return joined(silence(1000), ...parts)
}

describe('segments and the pauses in them', () => {
  it('are told at the pause as they are at the endpoint, if nothing more comes', () => {
    const { pauses, segments } = segmentsOf(pattern([[1000, 2000]]), { detector: byPattern() })
    expect(pauses).toHaveLength(1)
    expect(segments).toMatchObject([{ endsUtterance: true, wasPaused: true }])
    expect((pauses[0]?.endSample ?? 0) / MS).toBe(2260)
  })

  it('go on after a pause that is shorter than the endpoint, and tell the next one anew', () => {
    const audio = pattern([
      [1000, 400],
      [1000, 2000],
    ])
    const { pauses, segments } = segmentsOf(audio, { detector: byPattern() })
    expect(pauses.map(({ endSample }) => endSample / MS)).toEqual([2260, 3660])
    expect(segments).toHaveLength(1)
    expect(segments[0]?.endSample).toBe(pauses[1]?.endSample)
  })

  it('are not paused any more once somebody speaks', () => {
    const { segmenter } = segmentsOf(pattern([[1000, 400]]), { detector: byPattern() })
    expect(segmenter.paused?.endSample).toBe(2260 * MS)
    segmenter.push(pattern([[100, 0]]).subarray(1000 * MS))
    expect(segmenter.paused).toBeUndefined()
  })

  it('end with the next short pause once they are long, and go on as the same utterance', () => {
    const audio = pattern([
      [8000, 300],
      [2000, 2000],
    ])
    const { segments, starts } = segmentsOf(audio, { detector: byPattern() })
    expect(segments).toMatchObject([
      { endSample: 9260 * MS, endsUtterance: false, wasPaused: true },
      { startSample: 9260 * MS, endsUtterance: true },
    ])
    expect(starts).toHaveLength(1)
  })

  it('end an utterance that was cut, although what follows is too short for a word', () => {
    const { segments } = segmentsOf(
      pattern([
        [8000, 300],
        [40, 2000],
      ]),
      { detector: byPattern() },
    )
    expect(segments.map(({ endsUtterance }) => endsUtterance)).toEqual([false, true])
  })

  it('do not end an utterance before its endpoint where they are as long as may be', () => {
    for (let voicedMs = 13_300; voicedMs <= 14_100; voicedMs += 20) {
      const audio = pattern([
        [voicedMs, 900],
        [1000, 2000],
      ])
      const { segments } = segmentsOf(audio, { detector: byPattern(), endpointMs: 1000 })
      const ends = segments.map(({ endsUtterance }) => endsUtterance)
      expect(ends.indexOf(true), `${voicedMs} ms`).toBe(ends.length - 1)
    }
  })

  const run = fc.tuple(
    fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 100, max: 900 })),
    fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 12, max: 300 })),
  )
  const stream = fc.record({
    runs: fc.array(run, { minLength: 1, maxLength: 12 }),
    endpointMs: fc.constantFrom(200, 300, 500, 1000, 5000),
    chunk: fc.constantFrom(1600, 3200, 777, 100_000),
  })
  const audioOf = (runs: readonly (readonly [number, number])[]) =>
    pattern(runs.map(([voiced, silent]) => [voiced * 20, silent * 20] as const))

  it('hold every voiced sample exactly once, in order, but for bursts that are no words', () => {
    fc.assert(
      fc.property(stream, ({ runs, endpointMs, chunk }) => {
        const audio = audioOf(runs)
        const { segmenter, segments } = segmentsOf(audio, {
          chunk,
          endpointMs,
          detector: byPattern(),
        })
        segmenter.flush()
        let taken = 0
        let lostFrom = 0
        const checkGap = (from: number, to: number) =>
          expect(longestBurst(audio.subarray(from, to))).toBeLessThan(100 * MS)
        for (const { samples, startSample, endSample } of segments) {
          expect(startSample).toBeGreaterThanOrEqual(taken)
          expect(samples).toHaveLength(endSample - startSample)
          expect(samples[0]).toBeCloseTo((audio[startSample] as number) / 32_768)
          checkGap(lostFrom, startSample)
          taken = endSample
          lostFrom = endSample
        }
        checkGap(lostFrom, audio.length)
      }),
      { numRuns: 60 },
    )
  })

  it('are the last of their utterance exactly where the endpoint passes in silence', () => {
    fc.assert(
      fc.property(stream, ({ runs, endpointMs: ms, chunk }) => {
        const endpointMs = Math.max(300, ms)
        const audio = audioOf(runs)
        const { segments } = segmentsOf(audio, { chunk, endpointMs, detector: byPattern() })
        for (const { endSample, endsUtterance } of segments) {
          const hasVoice = (ms: number) =>
            longestBurst(audio.subarray(endSample, endSample + ms * MS)) > 0
          if (endsUtterance) expect(hasVoice(endpointMs - 260)).toBe(false)
          else expect(hasVoice(endpointMs)).toBe(true)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('are the same however the audio is cut, whatever the endpoint', () => {
    fc.assert(
      fc.property(stream, fc.constantFrom(250, 777), ({ runs, endpointMs }, chunk) => {
        const audio = audioOf(runs)
        const cuts = (size: number) =>
          segmentsOf(audio, { chunk: size, endpointMs, detector: byPattern() }).segments.map(
            ({ startSample, endSample, endsUtterance }) => [startSample, endSample, endsUtterance],
          )
        expect(cuts(chunk)).toEqual(cuts(FRAME))
      }),
      { numRuns: 40 },
    )
  })
})

/** Samples of the longest stretch of voice without a frame of silence in it. */
function longestBurst(audio: Int16Array): number {
  let longest = 0
  let length = 0
  for (const sample of audio) {
    length = sample > 0 ? length + 1 : 0
    longest = Math.max(longest, length)
  }
  return longest
}
