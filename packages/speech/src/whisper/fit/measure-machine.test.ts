import { describe, expect, it } from 'vitest'
import type { WhisperReply } from '../whisper-messages.ts'
import type { WhisperProcess } from '../whisper-process.ts'
import { prepareWhisper } from '../testing/prepare-whisper.ts'
import { WEIGHTS } from './machine-measure.ts'
import { measureMachine } from './measure-machine.ts'

const whisper = await prepareWhisper()
const library = whisper.missing === undefined ? whisper.library : undefined
const noNative = library?.kind !== 'native'
const why = noNative ? ` (skipped: ${whisper.missing ?? 'it could not be built here'})` : ''

describe.skipIf(noNative)(`a machine${why}`, () => {
  it(
    'is measured in seconds, with figures that a computer can have',
    { timeout: 90_000 },
    async () => {
      const begun = performance.now()
      const measure = await measureMachine({ library: library!, timeoutMs: 60_000 })
      // Two on a quiet machine; this one may be busy with other tests.
      expect(performance.now() - begun).toBeLessThan(60_000)
      for (const kind of WEIGHTS) {
        expect.soft(measure?.[kind].encoderGflops, kind).toBeGreaterThan(0.2)
        expect.soft(measure?.[kind].encoderGflops, kind).toBeLessThan(50_000)
        expect.soft(measure?.[kind].decoderGbps, kind).toBeGreaterThan(0.05)
        expect.soft(measure?.[kind].decoderGbps, kind).toBeLessThan(2000)
      }
      expect(measure?.stepMicros).toBeGreaterThan(0.5)
      expect(measure?.stepMicros).toBeLessThan(100_000)
    },
  )

  it('that cannot be measured says why', { timeout: 60_000 }, async () => {
    const nothing = { kind: 'native', path: '/nowhere/whisper.node' } as const
    await expect(measureMachine({ library: nothing })).rejects.toMatchObject({
      code: 'engine_failed',
      message: expect.stringMatching(/could not be measured \(.*whisper\.node/) as string,
    })
  })
})

/** A process that answers with these, and then no more. */
function scripted(...replies: unknown[]) {
  let isKilled = false
  const spawn = (): WhisperProcess => ({
    send: () => {},
    onReply: (listener) =>
      replies.forEach((reply) => queueMicrotask(() => listener(reply as WhisperReply))),
    onExit: () => {},
    kill: () => void (isKilled = true),
  })
  return { spawn, isKilled: () => isKilled }
}

describe('measuring', () => {
  const native = { kind: 'native', path: 'whisper.node' } as const

  it('is not what the prebuilt library can do', async () => {
    const { spawn } = scripted()
    expect(await measureMachine({ library: { kind: 'prebuilt' }, spawn })).toBeUndefined()
  })

  it('gives up on a process that does not answer, and ends it', async () => {
    const silent = scripted()
    const options = { library: native, spawn: silent.spawn, timeoutMs: 20 }
    await expect(measureMachine(options)).rejects.toThrow('it took more than 0.02 s')
    expect(silent.isKilled()).toBe(true)
  })

  it('takes no figures that make no sense', async () => {
    const mad = scripted({ type: 'measured', measure: { stepMicros: 0 } })
    const options = { library: native, spawn: mad.spawn }
    await expect(measureMachine(options)).rejects.toThrow('its figures make no sense')
    expect(mad.isKilled()).toBe(true)
  })

  it('ends at once when it is aborted, with the reason', async () => {
    const silent = scripted()
    const controller = new AbortController()
    const { signal } = controller
    const measured = measureMachine({ library: native, spawn: silent.spawn, signal })
    controller.abort(new Error('not wanted'))
    await expect(measured).rejects.toThrow('not wanted')
    expect(silent.isKilled()).toBe(true)
  })
})
