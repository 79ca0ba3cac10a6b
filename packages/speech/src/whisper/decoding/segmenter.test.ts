import { describe, expect, it } from 'vitest'
import { createEnergyVoiceDetector } from './energy-voice-detector.ts'
import type { SpeechSegment } from './segmenter.ts'
import { createSegmenter } from './segmenter.ts'
import { joined, noise, silence, voice } from '../testing/synthetic-audio.ts'

const MS = 16

function segmentsOf(audio: Int16Array, chunk = audio.length, endpointMs = 500) {
  const segments: SpeechSegment[] = []
  const starts: number[] = []
  const segmenter = createSegmenter({
    detector: createEnergyVoiceDetector(),
    endpointMs,
    onSpeechStart: (sample) => starts.push(sample / MS),
    onSegment: (segment) => segments.push(segment),
  })
  for (let at = 0; at < audio.length; at += chunk) segmenter.push(audio.subarray(at, at + chunk))
  return { segmenter, segments, starts }
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
    const [first, second] = segments as [SpeechSegment, SpeechSegment]
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
      return segmentsOf(words, chunk).segments.map((one) => [one.startSample, one.endSample])
    }
    expect(cuts(1)).toEqual(cuts())
    expect(cuts(777)).toEqual(cuts())
  })

  it('stay whole over a pause that is shorter than the endpoint', () => {
    expect(segmentsOf(words, 1600, 2500).segments).toHaveLength(0)
    const { segmenter, segments } = segmentsOf(words, 1600, 2500)
    segmenter.flush()
    expect(segments).toHaveLength(1)
  })

  it('are cut at the quietest place where nobody pauses, without losing a sample', () => {
    const talk = [voice(18_000, 0.2), noise(300, 0.004), voice(16_000, 0.2), silence(1000)]
    const { segments } = segmentsOf(joined(...talk), 3200)
    expect(segments).toHaveLength(2)
    const [first, second] = segments as [SpeechSegment, SpeechSegment]
    expect(first.endsUtterance).toBe(false)
    expect(first.endSample / MS).toBeGreaterThan(18_000)
    expect(first.endSample / MS).toBeLessThan(18_300)
    expect(second.startSample).toBe(first.endSample)
    expect(second.endsUtterance).toBe(true)
  })

  it('never grow beyond the window of Whisper', () => {
    const { segments } = segmentsOf(joined(noise(1000, 0.001), voice(120_000, 0.3)), 3200)
    expect(segments.length).toBeGreaterThan(3)
    for (const { samples } of segments) expect(samples.length / MS).toBeLessThanOrEqual(25_020)
  })

  it('show what has been said so far, and end when they are asked to', () => {
    const { segmenter, segments } = segmentsOf(joined(silence(1000), voice(800, 0.2)))
    expect(segmenter.speaking).toBe(true)
    expect(segmenter.current()?.endSample).toBe(1800 * MS)
    segmenter.flush()
    expect(segments).toHaveLength(1)
    expect(segmenter.speaking).toBe(false)
    expect(segmenter.current()).toBeUndefined()
    segmenter.flush()
    expect(segments).toHaveLength(1)
  })
})
