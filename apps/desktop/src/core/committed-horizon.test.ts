import { describe, expect, it } from 'vitest'
import { createCommittedHorizon } from './committed-horizon.ts'

const S = 1000

/** A horizon of a session that has so much audio, all of it taken by an engine that listens all along. */
function after(audioMs: number) {
  const horizon = createCommittedHorizon({ audioMs }, () => undefined)
  const listen = (toMs: number, interimFromMs?: number) =>
    horizon.commitSilence(toMs, toMs, interimFromMs)
  return { horizon, listen }
}

describe('the committed horizon', () => {
  it('never goes back, nor beyond the audio that there is', () => {
    const { horizon } = after(10 * S)
    horizon.commit(4 * S)
    horizon.commit(2 * S)
    expect(horizon.ms).toBe(4 * S)
    horizon.commit(99 * S)
    expect(horizon.ms).toBe(10 * S)
  })

  it('follows silence at 30 s', () => {
    const { horizon, listen } = after(100 * S)
    listen(29 * S)
    expect(horizon.ms).toBe(0)
    listen(80 * S)
    expect(horizon.ms).toBe(50 * S)
  })

  it('stops where speech begins that has no answer, and passes it only after 50 s', () => {
    const { horizon, listen } = after(200 * S)
    horizon.onSpeech(20 * S, 21 * S)
    listen(69 * S)
    expect(horizon.ms).toBe(20 * S - 300)
    listen(100 * S)
    expect(horizon.ms).toBe(50 * S)
  })

  it('takes words for the answer to all that sounds before them, and to nothing after them', () => {
    const { horizon, listen } = after(200 * S)
    horizon.onSpeech(5 * S, 12 * S)
    horizon.onResult(12 * S - 200)
    listen(61 * S)
    expect(horizon.ms).toBe(31 * S)
    horizon.onSpeech(40 * S, 50 * S)
    horizon.onResult(45 * S)
    listen(85 * S)
    expect(horizon.ms).toBe(45 * S)
  })

  it('waits before words that are not final yet, however long', () => {
    const { horizon, listen } = after(500 * S)
    listen(500 * S, 7 * S)
    expect(horizon.ms).toBe(7 * S)
  })
})
