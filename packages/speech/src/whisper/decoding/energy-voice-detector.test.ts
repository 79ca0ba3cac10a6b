import { describe, expect, it } from 'vitest'
import { createEnergyVoiceDetector } from './energy-voice-detector.ts'
import { noise, silence, tone, voice } from '../testing/synthetic-audio.ts'

/** The share of frames that count as speech. */
function heard(samples: Float32Array, detector = createEnergyVoiceDetector()): number {
  const verdicts: boolean[] = []
  for (let at = 0; at + detector.frameSamples <= samples.length; at += detector.frameSamples) {
    verdicts.push(detector.isSpeech(samples.subarray(at, at + detector.frameSamples)))
  }
  return verdicts.filter(Boolean).length / verdicts.length
}

describe('voice by energy', () => {
  it('hears nothing in silence or in a quiet room', () => {
    expect(heard(silence(5000))).toBe(0)
    expect(heard(noise(5000, 0.0005))).toBe(0)
  })

  it('hears a voice at once, and loses it soon after it stops', () => {
    const detector = createEnergyVoiceDetector()
    heard(noise(1000, 0.0005), detector)
    expect(heard(voice(1000, 0.2), detector)).toBeGreaterThan(0.9)
    heard(noise(200, 0.0005), detector)
    expect(heard(noise(1000, 0.0005), detector)).toBe(0)
  })

  it('learns a steady noise within a few seconds, and hears a voice above it', () => {
    const detector = createEnergyVoiceDetector()
    heard(noise(4000, 0.05), detector)
    expect(heard(noise(2000, 0.05), detector)).toBe(0)
    expect(heard(voice(1000, 0.8), detector)).toBeGreaterThan(0.9)
  })

  it('does not take a click for a voice', () => {
    const detector = createEnergyVoiceDetector()
    heard(silence(1000), detector)
    expect(heard(tone(20, 0.5), detector)).toBe(0)
    expect(heard(silence(1000), detector)).toBe(0)
  })

  it('is deaf to hum and to a microphone with an offset', () => {
    const detector = createEnergyVoiceDetector()
    heard(silence(3500), detector)
    const hum = tone(2000, 0.005, 50).map((sample) => sample + 0.2)
    // The step to the offset is a loud moment; what follows is not.
    heard(hum.subarray(0, 3200), detector)
    expect(heard(hum.subarray(3200), detector)).toBeLessThan(0.1)
  })
})
