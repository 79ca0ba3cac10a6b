import { setTimeout as sleep } from 'node:timers/promises'
import type { TranscribeConfig } from '@saywire/protocol'
import type { FinalEvent, SpeechEngine, SpeechEvent } from '@saywire/speech'
import { bytesToMs } from '@saywire/speech'
import { startSession } from '../../src/core/session-runner.ts'
import type { SessionIndicator } from '../../src/core/session-indicator.ts'
import { createScriptedSource } from './scripted-source.ts'

export interface SessionRunOptions {
  readonly engine: SpeechEngine
  /** Stands by for when the engine cannot be had. */
  readonly fallback?: () => Promise<SpeechEngine>
  readonly config: TranscribeConfig
  /** What is said, in real time. */
  readonly pcm: Uint8Array
  /** What happens when, in ms after the first sample. */
  readonly fault?: { readonly atMs: number; strike(): void | Promise<void> } | undefined
}

export interface SessionRun {
  /** Those with words. */
  readonly finals: readonly FinalEvent[]
  /** When a word was first seen in any caption, in ms after the first sample; in lower case. */
  readonly firstSeenMs: ReadonlyMap<string, number>
  /** `completed`, or how else it ended and why. */
  readonly outcome: string
  /** Some of it was said by the fall-back. */
  readonly fellBack: boolean
  readonly notices: readonly string[]
  /** What the user was shown of the session, and when, in ms after the first sample. */
  readonly shown: readonly { readonly atMs: number; readonly indicator: SessionIndicator }[]
}

/** Beyond what is said: what a reconnect with all its waiting may take. */
export const PATIENCE_MS = 90_000

/** One session of the app's own core, from its microphone to its captions. */
export async function runSession(options: SessionRunOptions): Promise<SessionRun> {
  const { engine, fallback, config, pcm, fault } = options
  const source = createScriptedSource(pcm)
  const finals: FinalEvent[] = []
  const notices: string[] = []
  const shown: { atMs: number; indicator: SessionIndicator }[] = []
  const firstSeenMs = new Map<string, number>()
  const nowMs = () => Math.round(performance.now() - source.startedAtMs)
  let fellBack = false
  function onEvent(event: SpeechEvent): void {
    if (event.type !== 'interim' && event.type !== 'final') return
    for (const text of event.text.toLowerCase().split(' ')) {
      if (!firstSeenMs.has(text)) firstSeenMs.set(text, nowMs())
    }
    if (event.type === 'final' && event.words.length > 0) finals.push(event)
  }
  const session = startSession({
    engine,
    source,
    config,
    sinks: [{ onEvent }],
    onNotice: (sentence) => notices.push(sentence),
    onStatus: ({ indicator }) => shown.push({ atMs: nowMs(), indicator }),
    recovers: true,
    ...(fallback && {
      async fallback() {
        fellBack = true
        return fallback()
      },
    }),
  })
  const striking = (async () => {
    if (!fault) return
    await source.begun
    await sleep(fault.atMs)
    await fault.strike()
  })()
  const outcome = await Promise.race([
    session.finished.then((end) =>
      end.kind === 'failed' ? `failed: ${end.error.code}: ${end.error.message}` : end.kind,
    ),
    sleep(bytesToMs(pcm.byteLength) + PATIENCE_MS, 'hung', { ref: false }),
  ])
  if (outcome === 'hung') {
    session.stop()
    session.stop()
  }
  await striking
  return { finals, firstSeenMs, outcome, fellBack, notices, shown }
}
