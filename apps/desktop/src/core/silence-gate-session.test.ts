import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { SpeechEngine, Word } from '@saywire/speech'
import { msToBytes } from '@saywire/speech'
import { wordErrors } from '@saywire/speech/testing'
import {
  createWhisperEngine,
  DEFAULT_MODEL,
  ensureModel,
  ensureWhisperLibrary,
} from '@saywire/speech/whisper'
import { expect, it, vi } from 'vitest'
import { readEnv } from '../env.ts'
import { startSession } from './session-runner.ts'
import { withSilenceGate } from './silence-gate.ts'
import { createFrameEngine, wordFrame } from './testing/frame-engine.ts'
import { createManualSource } from './testing/manual-source.ts'

const FRAME_BYTES = 640
const WAV_HEADER_BYTES = 44

/** White, and the same every time. */
function noise(bytes: number, amplitude: number): Uint8Array {
  const samples = new Int16Array(bytes / 2)
  let state = 1
  for (let i = 0; i < samples.length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    samples[i] = Math.round(amplitude * (state / 2 ** 31 - 1))
  }
  return new Uint8Array(samples.buffer)
}

/** What an engine makes of this, and how much of it the engine was given. */
async function caption(engine: SpeechEngine, pcm: Uint8Array, isGated: boolean) {
  const words: Word[] = []
  const manual = createManualSource()
  let savedMs = 0
  const session = startSession({
    engine,
    source: withSilenceGate(manual.source, {
      enabled: isGated,
      onSaved: (silenceMs) => (savedMs = silenceMs),
    }),
    // What an interim commits depends on when it came: here only the gate may make a difference.
    config: { interim_results: false },
    sinks: [{ onEvent: (event) => void (event.type === 'final' && words.push(...event.words)) }],
    onNotice: () => undefined,
  })
  const listener = await vi.waitUntil(() => manual.listener, { timeout: 60_000, interval: 20 })
  for (let at = 0; at < pcm.byteLength; at += FRAME_BYTES) {
    listener.onAudio(pcm.slice(at, at + FRAME_BYTES))
  }
  manual.end()
  expect(await session.finished).toEqual({ kind: 'completed' })
  return { words, savedMs }
}

it('the words of a gated session have the times of the ungated one', async () => {
  let number = 0
  /** Each frame holds its number, in a loud sound. */
  const speech = (ms: number) =>
    Array.from({ length: ms / 20 }, () => {
      const frame = noise(FRAME_BYTES, 8000)
      frame.set(wordFrame(++number).subarray(0, 4))
      return frame
    })
  const silence = (ms: number) => [new Uint8Array(msToBytes(ms))]
  const pcm = new Uint8Array(
    Buffer.concat([
      ...silence(3000),
      ...speech(2000),
      ...silence(60_000),
      ...speech(300),
      ...silence(700),
      ...speech(300),
      ...silence(4020),
      ...speech(1000),
    ]),
  )
  const whole = await caption(createFrameEngine(), pcm, false)
  const gated = await caption(createFrameEngine(), pcm, true)
  expect(whole.words).toHaveLength(3600 / 20)
  expect(gated.words).toEqual(whole.words)
  expect(gated.savedMs).toBeGreaterThan(60_000)
})

it('Whisper hears the same words, at the same times, where a quiet room is left out', async () => {
  const { modelsDir, nativeDir } = readEnv()
  await ensureWhisperLibrary({ nativeDir })
  await ensureModel({ name: DEFAULT_MODEL, modelsDir })
  const wav = await readFile(fileURLToPath(import.meta.resolve('@saywire/speech/assets/jfk.wav')))
  const jfk = wav.subarray(WAV_HEADER_BYTES)
  // Uniform noise of this amplitude has -60 dBFS.
  const room = (ms: number) => noise(msToBytes(ms), 57)
  const pcm = Buffer.concat([room(3000), jfk, room(20_000), jfk, room(3000)])
  const engine = createWhisperEngine({ modelsDir, nativeDir })
  try {
    const whole = await caption(engine, pcm, false)
    const gated = await caption(engine, pcm, true)
    expect(whole.words.length).toBeGreaterThanOrEqual(44)
    // Segments begin at another sample here than there: "as not" for "ask not" may come of it, no more.
    const textOf = (words: readonly Word[]) => words.map(({ text }) => text).join(' ')
    expect(wordErrors(textOf(whole.words), textOf(gated.words)).errors).toBeLessThanOrEqual(1)
    expect(gated.words).toHaveLength(whole.words.length)
    // A fault of the gate's clock moves all words alike; Whisper places one or the other anew.
    const movedMs = whole.words
      .flatMap(({ startMs, endMs }, i) => {
        const { startMs: from = 0, endMs: to = 0 } = gated.words[i] ?? {}
        return [Math.abs(from - startMs), Math.abs(to - endMs)]
      })
      .toSorted((one, other) => one - other)
    expect(movedMs[Math.floor(movedMs.length / 2)]).toBeLessThanOrEqual(50)
    expect(movedMs[Math.floor(0.8 * movedMs.length)]).toBeLessThanOrEqual(300)
    expect(gated.savedMs).toBeGreaterThan(20_000)
  } finally {
    await engine.dispose?.()
  }
}, 600_000)
