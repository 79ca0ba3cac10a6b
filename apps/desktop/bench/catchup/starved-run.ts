import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FinalEvent, SpeechEngine } from '@saywire/speech'
import { BYTES_PER_MS } from '@saywire/protocol'

const FRAME_MS = 20

export interface RunPlan {
  readonly quietMs: number
  readonly loadMs: number
  readonly afterMs: number
  /** Processes that never rest. */
  readonly hogs: number
}

/** A final, and when it was there; both in ms from the first sample. */
export interface TimedFinal {
  readonly event: FinalEvent
  readonly atMs: number
}

export interface StarvedRun {
  readonly finals: readonly TimedFinal[]
  readonly interimsAtMs: readonly number[]
  readonly notices: readonly { readonly atMs: number; readonly sentence: string }[]
  readonly loadFromMs: number
  readonly loadToMs: number
  readonly endMs: number
}

/**
 * Speaks in real time, over and over, while for a part of it other processes take the computer.
 * @param createEngine given who is told of what the user would be told
 */
export async function runStarved(
  createEngine: (onNotice: (sentence: string) => void) => SpeechEngine,
  speech: Uint8Array,
  plan: RunPlan,
): Promise<StarvedRun> {
  const finals: TimedFinal[] = []
  const interimsAtMs: number[] = []
  const notices: { atMs: number; sentence: string }[] = []
  let startMs = 0
  const nowMs = () => performance.now() - startMs
  const engine = createEngine((sentence) => notices.push({ atMs: nowMs(), sentence }))
  await engine.warm?.()
  const session = await engine.open({ config: {} }, new AbortController().signal)
  startMs = performance.now()
  const listening = (async () => {
    for await (const event of session.events) {
      if (event.type === 'error') throw event.error
      if (event.type === 'interim') interimsAtMs.push(nowMs())
      if (event.type === 'final' && event.text !== '') finals.push({ event, atMs: nowMs() })
    }
  })()
  // Awaited at the end; whatever it throws must not end the process before that.
  listening.catch(() => undefined)

  let writtenMs = 0
  async function speakUntil(untilMs: number): Promise<void> {
    for (; writtenMs < untilMs; writtenMs += FRAME_MS) {
      const at = (writtenMs * BYTES_PER_MS) % speech.byteLength
      session.write(speech.slice(at, at + FRAME_MS * BYTES_PER_MS))
      const waitMs = writtenMs + FRAME_MS - nowMs()
      if (waitMs > 1) await sleep(waitMs)
    }
  }

  await speakUntil(plan.quietMs)
  const hogs = Array.from({ length: plan.hogs }, () =>
    spawn(process.execPath, ['--eval', 'for (;;);'], { stdio: 'ignore' }),
  )
  const loadFromMs = nowMs()
  try {
    await speakUntil(plan.quietMs + plan.loadMs)
  } finally {
    for (const hog of hogs) hog.kill('SIGKILL')
  }
  const loadToMs = nowMs()
  await speakUntil(plan.quietMs + plan.loadMs + plan.afterMs)
  const endMs = nowMs()
  await session.close()
  await listening
  await engine.dispose?.()
  return { finals, interimsAtMs, notices, loadFromMs, loadToMs, endMs }
}

/**
 * How late captions are at a moment: the time since the oldest utterance ended that has no final
 * yet; 0 where each has.
 */
export function lagAt({ finals }: Pick<StarvedRun, 'finals'>, atMs: number): number {
  const missing = finals.filter(({ event, atMs: cameMs }) => event.endMs <= atMs && cameMs > atMs)
  return Math.max(0, ...missing.map(({ event }) => atMs - event.endMs))
}
