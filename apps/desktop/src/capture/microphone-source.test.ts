import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { AudioListener } from '../core/ports.ts'
import { CaptureError } from '../core/ports.ts'
import type { StartCaptureChild } from './capture-child.ts'
import { forkCaptureChild } from './capture-child.ts'
import type { MicrophoneDeps } from './microphone-source.ts'
import { createMicrophoneSource } from './microphone-source.ts'

const FAKE = fileURLToPath(new URL('./testing/fake-capture-process.mjs', import.meta.url))

/** Starts real processes that behave as the script says, one behaviour for each start. */
function scripted(...behaviours: string[]): StartCaptureChild & { starts: number } {
  const start = (task: Parameters<StartCaptureChild>[0]) => {
    const device = behaviours[Math.min(start.starts, behaviours.length - 1)]
    start.starts += 1
    return forkCaptureChild({ ...task, device } as typeof task, { entry: FAKE })
  }
  start.starts = 0
  return start
}

function run(deps: MicrophoneDeps, stopWhen: (seen: string[]) => boolean = () => false) {
  const stop = new AbortController()
  /** `audio`, `gap` and the notices, in order. */
  const seen: string[] = []
  const gapsMs: number[] = []
  const note = (what: string) => {
    seen.push(what)
    if (stopWhen(seen)) stop.abort()
  }
  const listener: AudioListener = {
    onAudio: () => note('audio'),
    onGap: (durationMs) => {
      if (durationMs === 0) return
      gapsMs.push(durationMs)
      note('gap')
    },
    onNotice: () => note('notice'),
    bufferedMs: () => 0,
  }
  const source = createMicrophoneSource({ restartDelayMs: 1, stallTimeoutMs: 1500, ...deps })
  return { seen, gapsMs, stop, ended: source.run(listener, stop.signal) }
}

const audioFrames = (seen: readonly string[]) => seen.filter((what) => what === 'audio').length

describe('the microphone source', { timeout: 60_000 }, () => {
  it.each(['crash', 'stall', 'hang', 'fail'])(
    'starts capture again after a %s, and puts the lost time on the timeline',
    async (then) => {
      const start = scripted(`3:${then}`, '2:stall')
      const { ended, seen, gapsMs } = run({ start }, (seen) => audioFrames(seen) === 5)
      const beganMs = performance.now()
      await ended
      expect(seen).toEqual(['audio', 'audio', 'audio', 'notice', 'gap', 'audio', 'audio'])
      expect(gapsMs).toHaveLength(1)
      expect(gapsMs[0]).toBeGreaterThan(then === 'stall' || then === 'hang' ? 1400 : 0)
      expect(gapsMs[0]).toBeLessThan(performance.now() - beganMs)
    },
  )

  it('gives up with a sentence when capture keeps failing', async () => {
    const start = scripted('1:crash')
    const { ended } = run({ start })
    // What the process wrote is kept for a bug report, and never shown.
    await expect(ended).rejects.toMatchObject({
      code: 'no_microphone',
      message: expect.not.stringContaining('ALSA'),
      cause: expect.stringContaining('ALSA lib noise'),
    })
    expect(start.starts).toBe(6)
  })

  it('gives up on a microphone that never gives a sound, however long each try takes', async () => {
    const start = scripted('0:stall')
    let nowMs = 0
    const now = () => (nowMs += 10_000)
    const { ended, stop } = run({ start, startTimeoutMs: 20, now }, (seen) => seen.length > 6)
    await expect(ended).rejects.toMatchObject({ code: 'no_microphone' })
    expect(start.starts).toBe(6)
    expect(stop.signal.aborted).toBe(false)
  })

  it('does not try again what could not be done in the first place', async () => {
    const start = scripted('0:fail')
    await expect(run({ start }).ended).rejects.toEqual(
      new CaptureError('no_microphone', 'There is no microphone.', 'PortAudio says so'),
    )
    expect(start.starts).toBe(1)
  })

  it('starts again what never gave a sound, and ends while it waits for one', async () => {
    const start = scripted('0:stall')
    const { ended, seen } = run({ start, startTimeoutMs: 300 }, (seen) => seen.length === 2)
    await ended
    expect(seen).toEqual(['notice', 'notice'])
  })

  it('ends a process that no longer listens', async () => {
    const child = forkCaptureChild({ do: 'capture', device: '0:hang' }, { entry: FAKE })
    const lastWords = new Promise((resolve) => child.onExit(resolve))
    await new Promise<void>((resolve) => child.onMessage(({ type }) => type === 'gap' && resolve()))
    child.stop()
    expect(await lastWords).toContain('ALSA lib noise')
  })

  it('delivers nothing any more once it has been stopped', async () => {
    const { ended, seen } = run({ start: scripted('100:stall') }, (seen) => seen.length === 7)
    await ended
    expect(seen).toHaveLength(7)
  })
})
