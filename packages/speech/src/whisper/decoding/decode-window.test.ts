import { SAMPLE_RATE_HZ } from '@saywire/protocol'
import { describe, expect, it } from 'vitest'
import { fittedWindow } from './decode-window.ts'

const seconds = (s: number) => s * SAMPLE_RATE_HZ

describe('the window of a decode', () => {
  it('is as long as its audio and a second of silence, so that the last word is not lost', () => {
    expect(fittedWindow(seconds(4), 'en', 'final').audioCtx).toBe(250)
    expect(fittedWindow(seconds(9.99), 'en', 'final').audioCtx).toBe(550)
  })

  it('is never so short that it holds loops, nor longer than the whole', () => {
    expect(fittedWindow(seconds(0.5), 'en', 'final').audioCtx).toBe(128)
    expect(fittedWindow(seconds(29.5), 'en', 'final').audioCtx).toBe(1500)
  })

  it('is half of the whole at least for what was not clear', () => {
    expect(fittedWindow(seconds(2), 'en', 'doubtful').audioCtx).toBe(384)
    expect(fittedWindow(seconds(20), 'en', 'doubtful').audioCtx).toBe(1050)
  })

  it('is shorter for a guess, which may lose a last word', () => {
    expect(fittedWindow(seconds(4), 'en', 'interim').audioCtx).toBe(230)
  })

  it('has room for what can be said in it, and more in scripts with short tokens', () => {
    expect(fittedWindow(seconds(5), 'en', 'final').maxTokens).toBe(50)
    expect(fittedWindow(seconds(5), 'ja', 'final').maxTokens).toBe(160)
    expect(fittedWindow(seconds(0), 'en', 'final').maxTokens).toBeGreaterThan(0)
  })

  it('is one segment, decoded once', () => {
    expect(fittedWindow(seconds(5), 'en', 'final')).toMatchObject({
      singleSegment: true,
      fallback: false,
    })
  })
})
