import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { bytesToMs } from '@saywire/speech'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { AudioListener, GapReason } from './ports.ts'
import { withSilenceGate } from './silence-gate.ts'

const FRAME_BYTES = 640
const FRAME_MS = 20
const WAV_HEADER_BYTES = 44

/** 20 ms each, of a clear voice without a pause. */
let voice: Uint8Array[] = []

beforeAll(async () => {
  const wav = await readFile(fileURLToPath(import.meta.resolve('@saywire/speech/assets/jfk.wav')))
  const pcm = wav.subarray(WAV_HEADER_BYTES + 32 * 400, WAV_HEADER_BYTES + 32 * 2000)
  for (let at = 0; at < pcm.byteLength; at += FRAME_BYTES) {
    voice.push(Uint8Array.from(pcm.subarray(at, at + FRAME_BYTES)))
  }
})

type Told =
  | { readonly pcm: Uint8Array }
  | { readonly gapMs: number; readonly reason: GapReason }
  | { readonly device: string | undefined }

/** A gate between a source that delivers what it is told to, and a listener that notes all. */
function startGate({ enabled = true } = {}) {
  const told: Told[] = []
  const spoken: Uint8Array[] = []
  let saved = 0
  let muted = false
  let source: AudioListener | undefined
  let endSource: () => void = () => undefined
  const gate = withSilenceGate(
    {
      name: 'a script',
      run: async (listener) => {
        source = listener
        await new Promise<void>((resolve) => (endSource = resolve))
      },
      setMuted: (wanted) => (muted = wanted),
    },
    { enabled, onSaved: (savedMs) => (saved = savedMs) },
  )
  const listener: AudioListener = {
    onAudio: (pcm) => told.push({ pcm }),
    onGap: (gapMs, reason) => told.push({ gapMs, reason }),
    onDevice: (device) => told.push({ device }),
    onNotice: () => undefined,
    bufferedMs: () => 1234,
  }
  const ended = gate.run(listener, new AbortController().signal)
  return {
    gate,
    told,
    spoken,
    get savedMs() {
      return saved
    },
    get sourceIsMuted() {
      return muted
    },
    get source() {
      if (!source) throw new Error('the source does not run')
      return source
    },
    speak(ms: number) {
      for (let i = 0; i < ms / FRAME_MS; i++) {
        const pcm = Uint8Array.from(voice[spoken.length % voice.length] as Uint8Array)
        spoken.push(pcm)
        source?.onAudio(pcm)
      }
    },
    /** @returns its frames */
    silence(ms: number): Uint8Array[] {
      const frames = Array.from({ length: ms / FRAME_MS }, () => new Uint8Array(FRAME_BYTES))
      for (const frame of frames) source?.onAudio(frame)
      return frames
    },
    async end() {
      endSource()
      await ended
    },
    passed: () => told.flatMap((one) => ('pcm' in one ? [one.pcm] : [])),
    gapsMs: (reason?: GapReason) => {
      return told
        .flatMap((one) => ('gapMs' in one && (!reason || one.reason === reason) ? [one.gapMs] : []))
        .reduce((sum, ms) => sum + ms, 0)
    },
  }
}

const totalMs = (frames: readonly Uint8Array[]) =>
  bytesToMs(frames.reduce((sum, { byteLength }) => sum + byteLength, 0))

describe('the silence gate', () => {
  it('passes nothing of a minute of silence, and says how long it was', async () => {
    const run = startGate()
    run.silence(60_000)
    await run.end()
    expect(run.passed()).toEqual([])
    expect(run.gapsMs('silent')).toBe(60_000)
    expect(run.savedMs).toBe(60_000)
  })

  it('passes the half second before the first word, then the word, in order and untouched', () => {
    const run = startGate()
    const before = run.silence(5000)
    run.speak(1000)
    const passed = run.passed()
    const preRoll = passed.slice(0, -run.spoken.length)
    expect(totalMs(preRoll)).toBeGreaterThanOrEqual(500)
    expect(totalMs(preRoll)).toBeLessThanOrEqual(700)
    // The same buffers, not copies of them.
    const wanted = [...before.slice(-preRoll.length), ...run.spoken]
    expect(passed.every((pcm, i) => pcm === wanted[i])).toBe(true)
    expect(run.gapsMs('silent') + totalMs(passed)).toBe(6000)
  })

  it('stays open through a pause of a second, and closes soon after it', async () => {
    const run = startGate()
    run.speak(1000)
    run.silence(1000)
    run.speak(1000)
    expect(run.gapsMs()).toBe(0)
    run.silence(10_000)
    await run.end()
    // A second of silence, what the detector adds, and the end of the last word.
    expect(totalMs(run.passed()) - 3000).toBeGreaterThanOrEqual(1000)
    expect(totalMs(run.passed()) - 3000).toBeLessThanOrEqual(1400)
  })

  it('tells silence in pieces of 200 ms or more while it goes by', () => {
    const run = startGate()
    run.silence(5000)
    const gaps = run.told.flatMap((one) => ('gapMs' in one ? [one.gapMs] : []))
    expect(gaps.length).toBeGreaterThan(15)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(200)
  })

  it('passes nothing from before the user was muted once they speak again', () => {
    const run = startGate()
    run.silence(3000)
    run.gate.setMuted(true)
    expect(run.sourceIsMuted).toBe(true)
    run.source.onGap(2000, 'muted')
    run.gate.setMuted(false)
    run.speak(400)
    expect(run.passed().every((pcm) => run.spoken.includes(pcm))).toBe(true)
    expect(run.gapsMs()).toBe(5000)
    expect(run.gapsMs('silent')).toBe(3000)
  })

  it('passes nothing of what a source without a switch of its own delivers while muted', () => {
    const run = startGate()
    run.speak(400)
    run.gate.setMuted(true)
    run.speak(2000)
    run.gate.setMuted(false)
    run.silence(3000)
    const passed = run.spoken.filter((pcm) => run.passed().includes(pcm))
    expect(passed).toEqual(run.spoken.slice(0, 400 / FRAME_MS))
    expect(run.gapsMs('muted')).toBe(2000)
  })

  it('keeps a gap of the source where it was, also in the pre-roll', () => {
    const run = startGate()
    run.silence(3000)
    run.source.onGap(40, 'lost')
    run.silence(100)
    run.speak(500)
    const gapAt = run.told.findIndex((one) => 'gapMs' in one && one.reason === 'lost')
    const afterGap = run.told.slice(gapAt + 1)
    expect(run.told[gapAt]).toEqual({ gapMs: 40, reason: 'lost' })
    expect(afterGap.every((one) => 'pcm' in one)).toBe(true)
    expect(afterGap).toHaveLength((100 + 500) / FRAME_MS)
  })

  it('switched off passes silence too, at once and with what it held', () => {
    const run = startGate()
    const frames = run.silence(3000)
    run.gate.setEnabled(false)
    const later = run.silence(3000)
    expect(run.passed().slice(-later.length)).toEqual(later)
    expect(run.passed()[0]).toBe(frames[frames.length - run.passed().length + later.length])
    expect(run.gapsMs() + totalMs(run.passed())).toBe(6000)
  })

  it('switched on while it runs lets what is being said pass, and then closes', () => {
    const run = startGate({ enabled: false })
    run.silence(2000)
    run.speak(300)
    run.gate.setEnabled(true)
    run.speak(300)
    expect(run.gapsMs()).toBe(0)
    run.silence(3000)
    expect(run.gapsMs('silent')).toBeGreaterThan(1000)
  })

  it('hands over the end of what was recorded when its source ends or fails', async () => {
    const run = startGate()
    run.silence(620)
    await run.end()
    expect(run.gapsMs('silent')).toBe(620)

    const gaps: number[] = []
    const failing = withSilenceGate(
      {
        name: 'a microphone that breaks',
        async run(listener) {
          listener.onAudio(new Uint8Array(FRAME_BYTES))
          throw new Error('unplugged')
        },
      },
      { enabled: true },
    )
    const listener = { ...run.source, onGap: (ms: number) => void gaps.push(ms) }
    await expect(failing.run(listener, new AbortController().signal)).rejects.toThrow('unplugged')
    expect(gaps).toEqual([20])
  })

  it('passes on devices and how far the engine is behind', () => {
    const run = startGate()
    run.source.onDevice?.('USB')
    expect(run.told).toEqual([{ device: 'USB' }])
    expect(run.source.bufferedMs()).toBe(1234)
  })

  it('accounts for every sample, and leaks nothing muted, whatever happens', async () => {
    const anyAction = fc.oneof(
      fc.record({ speakMs: fc.constantFrom(20, 60, 300, 1500) }),
      fc.record({ silenceMs: fc.constantFrom(20, 400, 1300, 4000) }),
      fc.record({ oddBytes: fc.integer({ min: 1, max: 4000 }) }),
      fc.record({ gapMs: fc.constantFrom(7, 200, 5000) }),
      fc.record({ muted: fc.boolean() }),
      fc.record({ enabled: fc.boolean() }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(anyAction, { maxLength: 30 }), async (actions) => {
        const run = startGate()
        let recordedMs = 0
        let isMuted = false
        /** May leave, in the order in which they came. */
        const open: Uint8Array[] = []
        const record = (pcm: Uint8Array) => {
          recordedMs += pcm.byteLength / 32
          if (!isMuted) open.push(pcm)
          run.source.onAudio(pcm)
        }
        for (const action of actions) {
          if ('speakMs' in action) {
            for (let i = 0; i < action.speakMs / FRAME_MS; i++) {
              record(Uint8Array.from(voice[(open.length + i) % voice.length] as Uint8Array))
            }
          } else if ('silenceMs' in action) {
            for (let i = 0; i < action.silenceMs / FRAME_MS; i++)
              record(new Uint8Array(FRAME_BYTES))
          } else if ('oddBytes' in action) record(new Uint8Array(2 * action.oddBytes))
          else if ('gapMs' in action) {
            recordedMs += action.gapMs
            run.source.onGap(action.gapMs, 'lost')
          } else if ('enabled' in action) run.gate.setEnabled(action.enabled)
          else {
            isMuted = action.muted
            run.gate.setMuted(isMuted)
            // From here on nothing that is still held may leave.
            if (isMuted) open.splice(0, open.length, ...run.passed())
          }
        }
        await run.end()
        const passed = run.passed()
        const passedMs = passed.reduce((sum, { byteLength }) => sum + byteLength / 32, 0)
        expect(passedMs + run.gapsMs()).toBe(recordedMs)
        expect(isInOrder(passed, open)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})

/** Each of `some` is in `all`, and in the same order. */
function isInOrder(some: readonly Uint8Array[], all: readonly Uint8Array[]): boolean {
  let at = 0
  for (const one of some) {
    while (at < all.length && all[at] !== one) at += 1
    if (at === all.length) return false
    at += 1
  }
  return true
}
