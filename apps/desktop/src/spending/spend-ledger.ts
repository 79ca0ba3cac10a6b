import { SpeechError } from '@saywire/speech'
import type { SpendingView } from '../api/desktop-state.ts'
import type { Cap, CapPeriod, SpendCaps, Spent } from './spend-caps.ts'
import { capsLeft, isNear, isReached, nearSentence, reachedSentence } from './spend-caps.ts'
import type { SpentDays } from './spent-days.ts'
import { dayOf, readSpentDays, spentInMonth, writeSpentDays } from './spent-days.ts'

/** Changes within this time are written together: what a crash can forget, ms. */
const SAVE_AFTER_MS = 3000

export interface SpendLedgerDeps {
  readonly file: string
  /** As they are now. */
  caps(): SpendCaps
  /** At most once a second while audio flows. */
  publish(view: SpendingView): void
  /** Once for each limit and period, when four fifths are used. */
  onNear(sentence: string): void
  /** Cloud engines may be sent audio again. */
  onRelief(): void
  /** One sentence for the user: the file is broken, or cannot be written. */
  onProblem(sentence: string): void
  /** Epoch, ms. */
  readonly now: () => number
  readonly saveAfterMs?: number
}

/** What cloud engines were sent, by session, day and month, and the user's limits of it. */
export interface SpendLedger {
  /** The limit that is reached; undefined where there is something left. */
  reached(): SpeechError | undefined
  /** Another caption session: its own limit counts from 0. */
  beginSession(): void
  /** For one session of a cloud engine. */
  openMeter(): SpendMeter
  /** Limits were changed, or time went by: a day may have begun. Cheap. */
  check(): void
  /** Writes what is not written yet. */
  close(): Promise<void>
}

/** Counts one engine session, and stops it before it takes more than the limits allow. */
export interface SpendMeter {
  /** Undefined where this much more may be sent; else it must not, and why. */
  refusal(durationMs: number): SpeechError | undefined
  /** So much is sent, in all. */
  wrote(totalMs: number): void
  /** So much was accepted, in all; never decreases. */
  accepted(totalMs: number): void
  /** What was sent and not accepted is not counted. What is sent afterwards opens it again. */
  close(): void
}

interface Open {
  wroteMs: number
  acceptedMs: number
}

export async function openSpendLedger(deps: SpendLedgerDeps): Promise<SpendLedger> {
  const { file, now, saveAfterMs = SAVE_AFTER_MS } = deps
  const days: SpentDays = await readSpentDays(file, now(), deps.onProblem)
  const open = new Set<Open>()
  /** The limit that the user was warned of last, for each period. */
  const warned = new Map<CapPeriod, string>()
  /** What stops an engine next; kept, because each frame asks. */
  let tightest: Cap | undefined
  let day = dayOf(now())
  let sessionMs = 0
  let sessions = 0
  /** The limit that stopped an engine holds though a little of what was sent did not arrive. */
  let stopped: { readonly cap: Cap; readonly key: string } | undefined
  let wasReached = false
  let published = ''
  let timer: NodeJS.Timeout | undefined
  let saving = Promise.resolve()
  let isUnwritable = false

  function spent(): Spent {
    return { sessionMs, todayMs: days.get(day) ?? 0, monthMs: spentInMonth(days, day) }
  }

  const keyOf = (period: CapPeriod) =>
    ({ session: `session ${sessions}`, day, month: day.slice(0, 7) })[period]

  function reachedCap(): Cap | undefined {
    const caps = capsLeft(deps.caps(), spent())
    const isStopped = ({ period, minutes }: Cap) =>
      stopped?.cap.period === period &&
      minutes <= stopped.cap.minutes &&
      stopped.key === keyOf(period)
    return caps.find((cap) => isReached(cap) || isStopped(cap))
  }

  function update(): void {
    tightest = capsLeft(deps.caps(), spent()).toSorted((a, b) => a.leftMs - b.leftMs)[0]
    const reached = reachedCap()
    const { sessionMs: session, todayMs, monthMs } = spent()
    const whole = (ms: number) => Math.floor(ms / 1000) * 1000
    const view: SpendingView = {
      sessionMs: whole(session),
      todayMs: whole(todayMs),
      monthMs: whole(monthMs),
      reached: reached?.period,
      sentence: reached && reachedSentence(reached),
    }
    const text = JSON.stringify(view)
    if (text !== published) deps.publish(view)
    published = text
    if (wasReached && !reached) deps.onRelief()
    wasReached = reached !== undefined
  }

  function warn(): void {
    for (const cap of capsLeft(deps.caps(), spent())) {
      const which = `${cap.minutes} ${keyOf(cap.period)}`
      if (!isNear(cap) || isReached(cap) || warned.get(cap.period) === which) continue
      warned.set(cap.period, which)
      deps.onNear(nearSentence(cap))
    }
  }

  function add(ms: number): void {
    check()
    days.set(day, (days.get(day) ?? 0) + ms)
    sessionMs += ms
    timer ??= setTimeout(() => void save(), saveAfterMs)
    warn()
    update()
  }

  async function save(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    saving = saving.then(write)
    await saving
  }

  /** Never rejects. Tried again with what comes next, and told once until it works again. */
  async function write(): Promise<void> {
    const wasUnwritable = isUnwritable
    isUnwritable = await writeSpentDays(file, days).then(
      () => false,
      () => true,
    )
    if (!isUnwritable || wasUnwritable) return
    deps.onProblem(`What cloud captions took cannot be written to ${file}: check the disk.`)
  }

  function check(): void {
    day = dayOf(now())
    update()
  }

  function reached(): SpeechError | undefined {
    check()
    const cap = reachedCap()
    return cap && new SpeechError('spend_cap_reached', reachedSentence(cap))
  }

  function openMeter(): SpendMeter {
    const mine: Open = { wroteMs: 0, acceptedMs: 0 }
    return {
      refusal(durationMs) {
        if (!tightest || underWayMs(open) + durationMs <= tightest.leftMs) return undefined
        const cap = tightest
        stopped = { cap, key: keyOf(cap.period) }
        update()
        return new SpeechError('spend_cap_reached', reachedSentence(cap))
      },
      wrote(totalMs) {
        open.add(mine)
        mine.wroteMs = totalMs
      },
      accepted(totalMs) {
        const moreMs = totalMs - mine.acceptedMs
        if (!(moreMs > 0)) return
        mine.acceptedMs = totalMs
        add(moreMs)
      },
      close: () => void open.delete(mine),
    }
  }

  update()
  return {
    reached,
    beginSession() {
      sessions++
      sessionMs = 0
      update()
    },
    openMeter,
    check,
    async close() {
      await (timer ? save() : saving)
    },
  }
}

/** Sent by all engine sessions, and not accepted yet. */
function underWayMs(open: ReadonlySet<Open>): number {
  let sum = 0
  for (const { wroteMs, acceptedMs } of open) sum += Math.max(0, wroteMs - acceptedMs)
  return sum
}
