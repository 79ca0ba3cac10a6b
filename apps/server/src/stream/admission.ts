import { setTimeout as sleep } from 'node:timers/promises'
import type { AuthMessage, SessionEndReason } from '@saywire/protocol'
import type { KeptLease } from '../billing/kept-lease.ts'
import type { LeaseKeeper } from '../billing/lease-keeper.ts'
import type { ResumedLease } from '../billing/lease-resume.ts'
import { hashOpaqueToken } from '../opaque-token.ts'
import type { Span } from '../operations/tracing.ts'
import type { MeterStart, ReplayLimits } from './audio-meter.ts'
import { replayLeftMs } from './audio-meter.ts'
import type { ResumeTicket } from './resume-token.ts'
import { newResumeTicket } from './resume-token.ts'
import type { StreamLimits } from './stream-limits.ts'
import type { StreamSocket } from './stream-socket.ts'
import {
  BLOCKED,
  CREDIT_IN_USE,
  NO_CREDIT,
  NO_SESSION_NOW,
  retryOf,
  tooManySessions,
} from './wire-messages.ts'

/** A client that may speak: its place in the books, and where in its session it is. */
export interface Admission {
  readonly lease: KeptLease
  readonly ticket: ResumeTicket
  /** Hash of the token that the client gave for it; undefined for a new session. */
  readonly tokenHash: string | undefined
  readonly start: MeterStart
  /** What may be sent again for free. */
  readonly replay: ReplayLimits
  /** So much audio comes at once, and is not too fast: spoken meanwhile, or sent again. */
  readonly awayMs: number
  /** Gives it back: nothing was forwarded. A client that was to resume may try again. */
  giveUp(reason: SessionEndReason): Promise<void>
}

export interface AdmissionDeps {
  /** Short name of the backend, for the session's row: `deepgram`, `whisper`. */
  readonly backendName: string
  readonly leases: Pick<LeaseKeeper, 'open' | 'resume'>
  readonly limits: StreamLimits
}

const BEGINNING: MeterStart = { positionMs: 0, heardMs: 0, billedMs: 0, replayedMs: 0 }

/**
 * Credit for one authenticated client: for the session that its token opens, otherwise for a new
 * one. Where there is none, the client is told and the result is undefined, once a lease that came
 * too late has been given back.
 * @param session of its trace
 */
export async function admit(
  deps: AdmissionDeps,
  client: StreamSocket,
  userId: string,
  auth: AuthMessage,
  session?: Span,
): Promise<Admission | undefined> {
  const { limits } = deps
  const span = session?.child('lease open')
  const asking = askForLease(deps, userId, auth)
  void asking.then(
    (answer) => {
      span?.set({ 'saywire.outcome': 'lease' in answer ? 'opened' : answer.outcome })
      span?.end()
    },
    () => span?.end('unavailable'),
  )
  const late = sleep(limits.admissionTimeoutMs, undefined, { ref: false })
  const answer = await Promise.race([asking, late])
  if (answer && 'lease' in answer) return answer
  switch (answer?.outcome) {
    case undefined:
      client.fail('busy', NO_SESSION_NOW, 2000)
      await drop(asking).catch((error: unknown) => client.log.error({ err: error }, 'late lease'))
      break
    case 'taking_over':
      client.fail('busy', NO_SESSION_NOW, 2000)
      break
    case 'too_many_connections':
      client.fail('too_many_connections', tooManySessions(limits.sessionsMaxPerUser))
      break
    case 'account_blocked':
      client.fail('account_blocked', BLOCKED, retryOf('account_blocked').retry_after_ms)
      break
    case 'credit_in_use':
      client.fail('insufficient_credits', CREDIT_IN_USE)
      break
    case 'insufficient_credits':
      client.fail('insufficient_credits', NO_CREDIT)
  }
  return undefined
}

/** Should the lease come after all, nobody waits for it. */
async function drop(asking: ReturnType<typeof askForLease>): Promise<void> {
  const unwanted = await asking
  if ('lease' in unwanted) await unwanted.giveUp('busy')
}

async function askForLease(deps: AdmissionDeps, userId: string, { config, resume }: AuthMessage) {
  const ticket = newResumeTicket()
  if (resume?.resume_token !== undefined) {
    const tokenHash = hashOpaqueToken(resume.resume_token)
    const resumed = await deps.leases.resume({
      userId,
      sessionId: resume.session_id,
      tokenHash,
      nextTokenHash: ticket.hash,
      windowMs: deps.limits.resumeWindowMs,
      replayFreeShare: deps.limits.replayFreeShare,
    })
    if (resumed.outcome === 'resumed') {
      const { replayFreeMs, replayFreeShare } = deps.limits
      // The allowance is the user's: a new session must not bring a new one.
      const leftMs = Math.max(0, replayFreeMs - resumed.replayedElsewhereMs)
      const replay = { replayFreeMs: leftMs, replayFreeShare }
      const start = startOf(replay, resumed, resume.horizon_ms)
      const replayMs = Math.max(0, start.heardMs - start.positionMs)
      const awayMs = resumed.awayMs + replayMs
      return admission(deps, { lease: resumed.lease, ticket, start, replay, tokenHash, awayMs })
    }
    if (resumed.outcome !== 'not_resumable') return resumed
  }
  const session = {
    userId,
    mode: 'managed',
    backend: deps.backendName,
    model: config.model ?? null,
    language: config.language ?? null,
    resumeTokenHash: ticket.hash,
  } as const
  const opened = await deps.leases.open(session, resume?.session_id)
  if (opened.outcome !== 'opened') return opened
  const first = { start: BEGINNING, replay: deps.limits, tokenHash: undefined, awayMs: 0 }
  return admission(deps, { lease: opened.lease, ticket, ...first })
}

function admission({ backendName }: AdmissionDeps, admitted: Omit<Admission, 'giveUp'>): Admission {
  const { lease } = admitted
  const { heardMs, billedMs, replayedMs, positionMs } = admitted.start
  return {
    ...admitted,
    async giveUp(reason) {
      await lease.settle({
        audioMs: billedMs,
        reason,
        creditedMs: 0,
        backend: backendName,
        progress: { heardMs, replayedMs, horizonMs: positionMs },
      })
    },
  }
}

/**
 * From where the client sends: from its own horizon, or from what is known of it. Never beyond what
 * was heard; and where audio would be billed again, only what may not have got its words.
 */
function startOf(
  limits: ReplayLimits,
  resumed: ResumedLease,
  clientHorizonMs: number | undefined,
): MeterStart {
  const { billedMs, heardMaxMs, progress } = resumed
  const { heardMs, horizonMs, replayedMs } = progress
  const freeFromMs = heardMs - replayLeftMs(limits, { billedMs, replayedMs })
  const wantedMs = Math.max(clientHorizonMs ?? horizonMs, Math.min(horizonMs, freeFromMs))
  const positionMs = Math.ceil(Math.max(0, Math.min(wantedMs, heardMaxMs)))
  return { positionMs, heardMs: Math.max(heardMs, positionMs), billedMs, replayedMs }
}
