import { describe, expect, it } from 'vitest'
import { toSamples, writeFloats } from '../../pcm.ts'
import { loadSherpa } from '../library/sherpa.ts'
import { jfkSpeech } from '../testing/prepare-whisper.ts'
import { prepareVoiceModel } from '../testing/prepare-voice-model.ts'
import { noise, silence, tone } from '../testing/synthetic-audio.ts'
import { createSileroDetectors } from './silero-voice-detector.ts'
import { chooseVoiceDetection } from './voice-detection.ts'
import type { VoiceDetector } from './voice-detector.ts'

const model = await prepareVoiceModel()
const reason = model.missing === undefined ? '' : ` (skipped: ${model.missing})`
const path = model.missing === undefined ? model.path : ''
const FRAME_MS = 32

/** A verdict for each frame. */
function listen(detector: VoiceDetector, samples: Float32Array): boolean[] {
  const verdicts: boolean[] = []
  const { frameSamples } = detector
  for (let at = 0; at + frameSamples <= samples.length; at += frameSamples) {
    verdicts.push(detector.isSpeech(samples.subarray(at, at + frameSamples)))
  }
  return verdicts
}

function jfk(): Float32Array {
  const pcm = toSamples(jfkSpeech())
  const floats = new Float32Array(pcm.length)
  writeFloats(pcm, floats)
  return floats
}

describe.skipIf(model.missing !== undefined)(`voice by Silero's model${reason}`, () => {
  it('hears a voice within 150 ms of its first sound, and its pauses', () => {
    const verdicts = listen(createSileroDetectors(path, loadSherpa())(), jfk())
    const knownMs = (verdicts.indexOf(true) + 1) * FRAME_MS
    // In this recording the room is heard first, and the voice from 320 ms on.
    expect(knownMs).toBeGreaterThan(320)
    expect(knownMs).toBeLessThan(320 + 150)
    const spoken = verdicts.filter(Boolean).length / verdicts.length
    expect(spoken).toBeGreaterThan(0.6)
    expect(spoken).toBeLessThan(0.95)
  })

  it('hears nothing in silence, in noise, quiet or loud, in a click or a tone', () => {
    const create = createSileroDetectors(path, loadSherpa())
    const sounds = [silence(3000), noise(3000, 0.001), noise(3000, 0.3), tone(3000, 0.3)]
    for (const sound of [...sounds, tone(20, 0.8)]) {
      const detector = create()
      expect(listen(detector, silence(500))).not.toContain(true)
      expect(listen(detector, sound)).not.toContain(true)
      expect(listen(detector, silence(500))).not.toContain(true)
      detector.release?.()
    }
  })

  it('keeps the streams apart, and gives the next one nothing of the last', () => {
    const create = createSileroDetectors(path, loadSherpa())
    const alone = listen(create(), jfk())
    const [speech, room] = [create(), create()]
    const heard: boolean[] = []
    const samples = jfk()
    const frame = speech.frameSamples
    for (let at = 0; at + frame <= samples.length; at += frame) {
      heard.push(speech.isSpeech(samples.subarray(at, at + frame)))
      expect(room.isSpeech(new Float32Array(frame))).toBe(false)
    }
    expect(heard).toEqual(alone)
    // Let go of in the middle of a word.
    listen(speech, samples.subarray(0, 16_000))
    speech.release?.()
    expect(listen(create(), samples)).toEqual(alone)
  })

  it(
    'holds no more memory after ten minutes of speech, and costs little',
    { timeout: 60_000 },
    () => {
      const detector = createSileroDetectors(path, loadSherpa())()
      const samples = jfk()
      listen(detector, samples)
      const { rss } = process.memoryUsage()
      const before = process.cpuUsage()
      const TIMES = 55
      for (let time = 0; time < TIMES; time++) listen(detector, samples)
      const { user, system } = process.cpuUsage(before)
      // Ten minutes of samples are 38 MB.
      expect(process.memoryUsage().rss - rss).toBeLessThan(19e6)
      const cpuSeconds = (user + system) / 1e6
      expect(cpuSeconds / (TIMES * 11)).toBeLessThan(0.05)
    },
  )

  it('hears as well after it began anew in a silence, as it does once an hour', () => {
    const resetAfterFrames = 10
    const detector = createSileroDetectors(path, loadSherpa(), resetAfterFrames)()
    listen(detector, silence(2000))
    const spoken = listen(detector, jfk()).filter(Boolean).length
    const usual = listen(createSileroDetectors(path, loadSherpa())(), jfk()).filter(Boolean).length
    expect(Math.abs(spoken - usual)).toBeLessThan(usual * 0.05)
  })

  it('gives way to energy where the model is missing or cannot be loaded, and says why', () => {
    expect(chooseVoiceDetection(path).energyBecause).toBeUndefined()
    const without = chooseVoiceDetection(undefined)
    expect(without.energyBecause).toMatch(/not on this computer/)
    expect(without.createDetector().isSpeech(new Float32Array(320))).toBe(false)
  })
})
