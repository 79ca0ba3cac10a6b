import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createResampler } from './resampler.ts'

const RATES = [8000, 11_025, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000, 192_000]

function tone(rateHz: number, toneHz: number, seconds: number): Float32Array {
  const phase = (2 * Math.PI * toneHz) / rateHz
  return Float32Array.from({ length: rateHz * seconds }, (_, i) => 0.5 * Math.sin(phase * i))
}

function resample(input: Float32Array, fromHz: number, toHz: number, block = 997): Float32Array {
  const resampler = createResampler(fromHz, toHz)
  const out: number[] = []
  for (let at = 0; at < input.length; at += block) {
    out.push(...resampler.push(input.subarray(at, at + block)))
  }
  out.push(...resampler.end())
  return Float32Array.from(out)
}

function powerDb(samples: Float32Array): number {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length
  return 10 * Math.log10(power + 1e-20)
}

describe('the resampler', () => {
  it.each(RATES)(
    'keeps a tone from %i Hz in place, with more than 60 dB to the error',
    (rateHz) => {
      const out = resample(tone(rateHz, 1000, 1), rateHz, 16_000)
      const wanted = tone(16_000, 1000, 1)
      // The first and last milliseconds hold the edge between the tone and the silence around it.
      const error = out.map((sample, i) => sample - (wanted[i] ?? 0)).subarray(400, 15_600)
      expect(powerDb(wanted) - powerDb(error)).toBeGreaterThan(60)
    },
  )

  it.each([44_100, 48_000, 96_000])('lets nothing above 8 kHz alias in from %i Hz', (rateHz) => {
    const out = resample(tone(rateHz, 9000, 1), rateHz, 16_000).subarray(400, 15_600)
    expect(powerDb(out)).toBeLessThan(-60)
  })

  it.each(RATES)('keeps the duration from %i Hz exact to a sample', (rateHz) => {
    expect(resample(new Float32Array(rateHz + 7), rateHz, 16_000)).toHaveLength(
      Math.ceil(((rateHz + 7) * 16_000) / rateHz),
    )
  })

  it('gives the same samples however the input is cut', () => {
    const input = tone(44_100, 440, 0.2)
    const whole = resample(input, 44_100, 16_000, input.length)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), (block) => {
        expect(resample(input, 44_100, 16_000, block)).toEqual(whole)
      }),
      { numRuns: 20 },
    )
  })

  it('refuses a rate that is not one', () => {
    expect(() => createResampler(0, 16_000)).toThrow(RangeError)
    expect(() => createResampler(44_100.5, 16_000)).toThrow(RangeError)
  })
})
