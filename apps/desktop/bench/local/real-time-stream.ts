import { setTimeout as sleep } from 'node:timers/promises'
import { BYTES_PER_MS } from '@saywire/protocol'
import { FRAME_MS } from './clip-stream.ts'
import type { ClipStream } from './clip-stream.ts'
import type { TimedEvent } from './heard-words.ts'
import type { MeasuredEngine } from './measured-engine.ts'

const PROBE_EVERY_MS = 5000

export interface MemoryProbe {
  readonly atMs: number
  readonly residentBytes: number
}

export interface StreamRun {
  readonly events: readonly TimedEvent[]
  /** Of the whisper process for the whole stream, s; undefined where the system does not tell. */
  readonly cpuS: number | undefined
  readonly probes: readonly MemoryProbe[]
  /** Undefined where the system does not tell. */
  readonly peakBytes: number | undefined
  /** The latest that a frame was written, ms: what this program itself adds to latencies. */
  readonly worstDelayMs: number
}

/** Says a stream to the engine in one session, each frame at the moment when it would be recorded. */
export async function streamInRealTime(
  { engine, cpuS, memory }: MeasuredEngine,
  { pcm, durationMs }: ClipStream,
): Promise<StreamRun> {
  const events: TimedEvent[] = []
  const probes: MemoryProbe[] = []
  const session = await engine.open({ config: {} }, new AbortController().signal)
  const cpuBeforeS = await cpuS()
  const startedAtMs = performance.now()
  const nowMs = () => performance.now() - startedAtMs
  const listening = (async () => {
    for await (const event of session.events) {
      if (event.type === 'error') throw event.error
      events.push({ event, atMs: nowMs() })
    }
  })()
  // Awaited at the end; whatever it throws must not end the process before that.
  listening.catch(() => undefined)
  let worstDelayMs = 0
  let nextProbeMs = 0
  for (let atMs = 0; atMs < durationMs; atMs += FRAME_MS) {
    const dueMs = atMs + FRAME_MS
    const waitMs = dueMs - nowMs()
    if (waitMs > 0) await sleep(waitMs)
    worstDelayMs = Math.max(worstDelayMs, nowMs() - dueMs)
    session.write(pcm.slice(atMs * BYTES_PER_MS, dueMs * BYTES_PER_MS))
    if (atMs < nextProbeMs) continue
    nextProbeMs = atMs + PROBE_EVERY_MS
    void memory().then((held) => {
      if (held) probes.push({ atMs, residentBytes: held.residentBytes })
    })
  }
  await session.close()
  await listening
  const cpuAfterS = await cpuS()
  return {
    events,
    cpuS: cpuBeforeS === undefined || cpuAfterS === undefined ? undefined : cpuAfterS - cpuBeforeS,
    probes,
    peakBytes: (await memory())?.peakBytes,
    worstDelayMs,
  }
}
