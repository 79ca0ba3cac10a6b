import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { SpeechEngine, Word } from '@saywire/speech'
import { msToBytes } from '@saywire/speech'
import { createDeepgramEngine } from '@saywire/speech/deepgram'
import { createKnownTranscriber, startFakeDeepgram, wordErrors } from '@saywire/speech/testing'
import { createWhisperEngine } from '@saywire/speech/whisper'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { readEnv } from '../env.ts'
import type { SessionDeps } from './session-runner.ts'
import { startSession } from './session-runner.ts'
import { createManualSource } from './testing/manual-source.ts'

const SPEECH = fileURLToPath(import.meta.resolve('@saywire/speech/assets/jfk.wav'))
const WAV_HEADER_BYTES = 44
const FRAME_BYTES = msToBytes(20)
const SOON = { timeout: 60_000, interval: 20 }
const FIRST_SENTENCE_MS = 5000
/** In the middle of a word of the second sentence. */
const CUT_AT_MS = 6150
const FED_BEFORE_MS = 6500

describe('the real local engine, in place of a service that dies in mid-utterance', () => {
  let pcm = new Uint8Array()
  let whisper: SpeechEngine
  let unbroken: Word[] = []

  async function caption(
    deps: Pick<SessionDeps, 'engine'> & Partial<SessionDeps>,
    cut: (session: ReturnType<typeof startSession>, go: () => void) => Promise<void>,
  ) {
    const manual = createManualSource()
    const words: (Word & { readonly isFallback: boolean })[] = []
    const shown: boolean[] = []
    const session = startSession({
      source: manual.source,
      config: { interim_results: true, language: 'en' },
      recovers: true,
      onNotice: () => undefined,
      sinks: [
        {
          onEvent(event, { finals, interim }) {
            shown.push(finals.length > 0 || interim !== undefined)
            if (event.type !== 'final') return
            const { isFallback } = session.status
            words.push(...event.words.map((word) => ({ ...word, isFallback })))
          },
        },
      ],
      ...deps,
    })
    await vi.waitUntil(() => manual.listener, SOON)
    const feed = (fromMs: number, toMs: number) => {
      for (let at = msToBytes(fromMs); at < msToBytes(toMs); at += FRAME_BYTES) {
        manual.listener?.onAudio(pcm.slice(at, at + FRAME_BYTES))
      }
    }
    feed(0, FIRST_SENTENCE_MS)
    await vi.waitUntil(() => words.length > 0, SOON)
    await cut(session, () => feed(FIRST_SENTENCE_MS, FED_BEFORE_MS))
    feed(FED_BEFORE_MS, pcm.byteLength / 32)
    manual.end()
    expect(await session.finished).toEqual({ kind: 'completed' })
    return { words, shown }
  }

  beforeAll(async () => {
    pcm = (await readFile(SPEECH)).subarray(WAV_HEADER_BYTES)
    const { modelsDir, nativeDir } = readEnv()
    whisper = createWhisperEngine({ modelsDir, nativeDir })
    await whisper.warm?.()
    unbroken = (await caption({ engine: whisper }, async (_session, go) => go())).words
  }, 240_000)
  afterAll(async () => whisper?.dispose?.())

  it('says each word once, in order, at its time, and never leaves the screen empty', async () => {
    await using deepgram = await startFakeDeepgram({ transcribe: createKnownTranscriber(unbroken) })
    const away = { on: 'connect', action: 'refuse', status: 503 } as const
    const { url, apiKey } = deepgram
    let lostAtMs = 0
    let tookOverAfterMs = Infinity
    const { words, shown } = await caption(
      {
        engine: createDeepgramEngine({ apiKey, url }),
        fallback: async () => whisper,
        onStatus({ trouble, isFallback }) {
          if (trouble && lostAtMs === 0) lostAtMs = performance.now()
          if (isFallback) tookOverAfterMs = Math.min(tookOverAfterMs, performance.now() - lostAtMs)
        },
      },
      async (session, go) => {
        deepgram.faults.push({ on: 'audio', afterMs: CUT_AT_MS, action: 'drop' })
        deepgram.faults.push(...Array.from({ length: 50 }, () => away))
        go()
        await vi.waitUntil(() => session.status.indicator.kind === 'fallback', SOON)
      },
    )
    expect(words.some(({ isFallback }) => !isFallback)).toBe(true)
    expect(words.some(({ isFallback }) => isFallback)).toBe(true)
    const text = (list: readonly Word[]) => list.map((word) => word.text).join(' ')
    expect(wordErrors(text(unbroken), text(words)).errors).toBeLessThanOrEqual(2)
    for (const [i, word] of words.entries()) {
      expect(word.startMs).toBeGreaterThanOrEqual(words[i - 1]?.endMs ?? 0)
    }
    expect(shown.slice(shown.indexOf(true))).not.toContain(false)
    // Two seconds, which session-failover.test.ts proves by a clock of its own, and what a busy
    // machine needs to decode the first words.
    expect(tookOverAfterMs).toBeLessThan(15_000)
  }, 240_000)
})
