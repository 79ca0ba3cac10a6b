import { setTimeout as sleep } from 'node:timers/promises'
import type { SessionEndReason } from '@saywire/protocol'
import { BYTES_PER_MS, CLOSE_CODE_BY_ERROR, CLOSE_DONE } from '@saywire/protocol'
import type { SpeechError } from '@saywire/speech'
import type { Logger } from 'pino'
import type { KeptLease } from '../billing/kept-lease.ts'
import type { Progress } from '../billing/leases.ts'
import type { Span } from '../operations/tracing.ts'
import type { AudioMeter } from './audio-meter.ts'
import type { ClientLink } from './client-link.ts'
import { warnOfDrift } from './provider-drift.ts'
import type { StreamMeasures } from './stream-measures.ts'
import type { Upstream } from './upstream.ts'
import {
  errorOf,
  LOSS_MESSAGES,
  NOT_OURS,
  RESTARTING,
  retryOf,
  toWireError,
} from './wire-messages.ts'

/** Failures of ours after which audio that got no final is given back. */
const FAILED_USER: ReadonlySet<SessionEndReason> = new Set(['upstream_lost', 'busy', 'internal'])
/** Ends that the server has to answer for. */
const FAILURES: ReadonlySet<SessionEndReason> = new Set([...FAILED_USER, 'lease_lost'])
/** Clients that stay get their finals even where the database does not answer. */
const HAND_OVER_MAX_MS = 1000
/** Clients of a server that goes down are told of it after this time at the latest. */
const TELL_WITHIN_MS = 250

export interface SessionEndDeps {
  readonly log: Logger
  readonly link: ClientLink
  readonly meter: AudioMeter
  readonly upstream: Upstream
  readonly lease: KeptLease
  readonly measures: Pick<StreamMeasures, 'metrics'>
  /** Of the session, in its trace. */
  readonly span: Span | undefined
  /** Tells the client how much audio has been taken, where it does not know. */
  readonly acknowledge: () => void
}

type Accounts = Pick<SessionEndDeps, 'link' | 'meter'>

/**
 * Billed ms that a crash would leave on the books: never more than has left this process.
 * @param bufferedMs what waits for the backend
 */
export function sentMs({ meter }: Pick<SessionEndDeps, 'meter'>, bufferedMs: number): number {
  return meter.less(bufferedMs).billedMs
}

/** What whoever goes on with the session has to know, where the last `unsentMs` never left. */
export function progressOf({ meter, link }: Accounts, unsentMs: number): Progress {
  return {
    heardMs: meter.less(unsentMs).heardMs,
    horizonMs: link.confirmedMs,
    replayedMs: meter.replayedMs,
  }
}

/** Billed ms at a session's end: audio that no backend has heard is not charged, whatever the end. */
function usedMsOf(
  { meter, upstream }: Pick<SessionEndDeps, 'meter' | 'upstream'>,
  unsentMs: number,
) {
  return Math.max(0, Math.floor(meter.less(unsentMs).billedMs - upstream.skippedMs))
}

/**
 * Ends a session: its last finals, its place in the books, and what the client is told.
 * @param message what the client is told after its last finals; nothing where it knows already
 * @param failure why the speech backend failed, as far as it has by then
 */
export async function endSession(
  deps: SessionEndDeps,
  wanted: SessionEndReason,
  message: string | undefined,
  failure: () => SpeechError | undefined,
): Promise<void> {
  if (wanted === 'server_draining') return handOver(deps, failure)
  const { log, link, meter, upstream } = deps
  const takenMs = meter.takenBytes / BYTES_PER_MS
  // What has not left this process when its lease is lost never will, and is not charged.
  let unsentMs = upstream.bufferedMs
  if (wanted in LOSS_MESSAGES) upstream.abort()
  else {
    await upstream.close()
    // Nor is audio that no backend took.
    unsentMs = failure() ? Math.max(0, takenMs - upstream.usageMs - upstream.skippedMs) : 0
  }
  const usedMs = usedMsOf(deps, unsentMs)
  const progress = progressOf(deps, unsentMs)
  deps.acknowledge()
  const error = failure()
  const failed = error ? toWireError(error, upstream.horizonMs) : undefined
  // Where the words never came, the audio is given back; should it be sent again, it is billed.
  const isOurFault = failed !== undefined && FAILED_USER.has(failed.code)
  const goodMs = isOurFault ? Math.min(progress.heardMs, Math.floor(upstream.horizonMs)) : undefined
  const creditedMs = goodMs === undefined ? 0 : progress.heardMs - goodMs
  const settled = await settle(deps, {
    audioMs: usedMs,
    reason: failed?.code ?? wanted,
    creditedMs,
    backend: upstream.backend,
    receipt: upstream.receipt,
    progress: goodMs === undefined ? progress : { ...progress, heardMs: goodMs },
  })
  warnOfDrift(log, upstream, Math.floor(takenMs - unsentMs - upstream.skippedMs))
  const reason = failed?.code ?? (settled === 'lost' ? 'lease_lost' : wanted)
  const code = errorOf(reason)
  const told = reason === wanted ? message : NOT_OURS
  const resumeFromMs = Math.floor(upstream.horizonMs)
  if (failed) link.send(failed)
  else if (told !== undefined && code)
    link.send({
      type: 'error',
      code,
      message: told,
      resume_from_ms: resumeFromMs,
      ...retryOf(code),
    })
  sayGoodbye(deps, reason, usedMs, creditedMs)
}

async function settle(
  { lease, span }: SessionEndDeps,
  end: Parameters<KeptLease['settle']>[0],
): ReturnType<KeptLease['settle']> {
  const settling = span?.child('lease settle')
  const outcome = await lease.settle(end)
  settling?.set({ 'saywire.outcome': outcome })
  settling?.end()
  return outcome
}

/**
 * The server goes down: the session can go on elsewhere at once, before its last finals are
 * flushed for a client that waits for them.
 */
async function handOver(
  deps: SessionEndDeps,
  failure: () => SpeechError | undefined,
): Promise<void> {
  const { log, link, meter, upstream, lease } = deps
  const isThere = link.socket !== undefined
  // Nobody waits for the words of a client that is away: it sends that audio again elsewhere.
  const unsentMs = isThere ? 0 : upstream.bufferedMs
  const usedMs = usedMsOf(deps, unsentMs)
  if (!isThere) upstream.abort()
  const settling = settle(deps, {
    audioMs: usedMs,
    reason: 'server_draining',
    creditedMs: 0,
    backend: upstream.backend,
    progress: progressOf(deps, unsentMs),
  })
  const settledWithin = async (ms: number): Promise<unknown> =>
    Promise.race([settling, sleep(ms, undefined, { ref: false })])
  // Whoever is told sooner comes to the next server before the session is free, and has to wait there.
  await settledWithin(TELL_WITHIN_MS)
  link.send({
    type: 'error',
    code: 'server_draining',
    message: RESTARTING,
    resume_from_ms: Math.floor(upstream.horizonMs),
  })
  await settledWithin(HAND_OVER_MAX_MS - TELL_WITHIN_MS)
  if (isThere) await upstream.close()
  deps.acknowledge()
  sayGoodbye(deps, 'server_draining', usedMs, 0)
  await settling
  const goodMs = failure() ? Math.floor(upstream.horizonMs) : undefined
  if (upstream.receipt || goodMs !== undefined) {
    await lease.amend({ receipt: upstream.receipt, goodMs })
  }
  const { skippedMs } = upstream
  warnOfDrift(log, upstream, Math.floor(meter.takenBytes / BYTES_PER_MS - unsentMs - skippedMs))
}

function sayGoodbye(
  deps: SessionEndDeps,
  reason: SessionEndReason,
  usedMs: number,
  creditedMs: number,
): void {
  const { link, log, meter, upstream, measures, span } = deps
  const code = errorOf(reason)
  const secondsUsed = Math.round(usedMs / 1000)
  link.send({ type: 'session_end', seconds_used: secondsUsed, used_ms: usedMs, reason })
  link.socket?.close(code ? CLOSE_CODE_BY_ERROR[code] : CLOSE_DONE, reason)
  const { replayCostMs, replacements } = upstream
  const replays = { replayed_ms: meter.replayedMs, replay_cost_ms: replayCostMs }
  const troubles = { replacements, resumes: link.resumes }
  span?.set({
    'saywire.backend': upstream.backend,
    'saywire.audio_ms': usedMs,
    'saywire.reason': reason,
    'saywire.replacements': replacements,
    'saywire.resumes': link.resumes,
  })
  span?.end(FAILURES.has(reason) ? reason : undefined)
  const { metrics } = measures
  metrics.count('saywire_sessions_ended_total', { reason })
  metrics.count('saywire_audio_replay_cost_seconds_total', {}, replayCostMs)
  const givenBackMs = Math.max(0, meter.billedMs - usedMs + creditedMs)
  metrics.count('saywire_audio_given_back_seconds_total', {}, givenBackMs)
  log.info({ used_ms: usedMs, ...replays, ...troubles, reason }, 'session ended')
}
