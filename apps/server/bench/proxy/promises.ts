import type { Promised } from '../report.ts'
import type { Attacked, Words } from './acts.ts'
import { HANGING, LOGINS_PER_S, sentMs } from './acts.ts'
import type { Figures } from './figures.ts'
import { figuresOf, rssPerSession } from './figures.ts'
import type { FrameCounts } from './frame-audit.ts'
import type { Measured } from './measure.ts'

/** What the server is measured against. */
export const BASELINE = 'ws reshape'
const CPU_RATIO_MAX = 1.15
/** Of those that want to stream: the others were told `busy`. */
const NEARLY_ALL = 0.9
const LATENCY_RATIO_MAX = 1.2
const RSS_RATIO_MAX = 1.3
/** Audio that is kept for a replacement of the backend, as long as finals come: a ring of 4 s. */
const KEPT_KB = 128
/** p99 that is added, by the number of streams. */
const P99_BOUNDS_MS = new Map([
  [150, 5],
  [1000, 20],
])
export const USABLE_MS = 20
/** What strangers may cost those who stream: less than anybody sees. */
const ATTACKED_MS = 50
const SMALL_SESSIONS = 100
const SMALL_MB = 512
const FLAT_RATIO_MAX = 1.25
/** What the clock and the scheduler of a machine blur. */
const RESOLUTION_MS = 0.05
/** A generator that sends so late has no core to itself: what it measures is its own queue. */
const LATE_MS = 5

/** The server, and nothing between, under as many clients. */
export interface Rung {
  readonly server: Measured
  readonly direct: Measured
}

function promiseOfCost(ours: Figures, bare: Figures): Promised {
  const cpu = ours.cpuMsPerStreamS / bare.cpuMsPerStreamS
  return {
    promise: `CPU at ${ours.streams} streams at most ${CPU_RATIO_MAX} × that of a bare ${BASELINE}, with all books kept`,
    kept: cpu <= CPU_RATIO_MAX,
    measured: `${cpu.toFixed(2)} ×: ${ours.cpuMsPerStreamS.toFixed(3)} ms a stream-second, against ${bare.cpuMsPerStreamS.toFixed(3)}`,
  }
}

/** Where a process has as much to do as it takes on: what a stream costs there is what hosts pay. */
export function promisesOfFullProcess(
  ours: readonly Measured[],
  bare: readonly Measured[],
): Promised[] {
  const at = ours.findLastIndex(({ streams, wanted }) => streams >= NEARLY_ALL * wanted)
  const [own, other] = [ours[at], bare[at]]
  if (!own || !other) return []
  return [promiseOfCost(figuresOf([own], [], 'saywire'), figuresOf([other], [], BASELINE))]
}

export function promisesOfComparison(ours: Figures, bare: Figures): Promised[] {
  const p50 = ratioOf(ours.audioP50Ms, bare.audioP50Ms)
  const p99 = ratioOf(ours.audioP99Ms, bare.audioP99Ms)
  return [
    promiseOfCost(ours, bare),
    {
      promise: `p50 and p99 that are added to audio at most ${LATENCY_RATIO_MAX} × its`,
      kept: p50 <= LATENCY_RATIO_MAX && p99 <= LATENCY_RATIO_MAX,
      measured: `${p50.toFixed(2)} × and ${p99.toFixed(2)} ×`,
    },
  ]
}

/** Nothing is promised of what grew by less than the garbage that comes and goes. */
export function promisesOfMemory(ours: readonly Measured[], bare: readonly Measured[]): Promised[] {
  const [ownKb, bareKb] = [rssPerSession(ours) / 1024, rssPerSession(bare) / 1024]
  if (Number.isNaN(ownKb / bareKb)) return []
  const ratio = (ownKb - KEPT_KB) / bareKb
  return [
    {
      promise: `memory of a session at most ${RSS_RATIO_MAX} × its, and ${KEPT_KB} kB of kept audio`,
      kept: ratio <= RSS_RATIO_MAX,
      measured: `${ratio.toFixed(2)} ×: ${ownKb.toFixed(0)} kB in all, against ${bareKb.toFixed(0)}`,
    },
  ]
}

export function promisesOfLadder(rungs: readonly Rung[]): Promised[] {
  const figures = rungs.map(figuresOfRung)
  const small = figures.find(({ streams }) => streams >= SMALL_SESSIONS)
  const latencies = rungs.flatMap((rung, i) => {
    const own = figures[i]
    const { wanted, streams, streaming } = rung.server
    const boundMs = P99_BOUNDS_MS.get(wanted)
    if (!own || boundMs === undefined) return []
    return {
      promise: `${wanted} streams: p99 added below ${boundMs} ms, to audio and to words`,
      kept: isBelow(own, boundMs) && streaming === wanted,
      measured: `${own.audioP99Ms.toFixed(1)} and ${own.wordsP99Ms.toFixed(1)} ms for ${streams} of them${limitOf(rung)}`,
    }
  })
  return [
    ...latencies,
    {
      promise: `${small?.streams} sessions in less than ${SMALL_MB} MB`,
      kept: small !== undefined && small.rssMb < SMALL_MB,
      measured: `${small?.rssMb.toFixed(0)} MB`,
    },
    ...(figures.length > 1 ? [flatness(figures)] : []),
  ]
}

function flatness(figures: readonly Figures[]): Promised {
  const costs = figures.map(({ cpuMsPerStreamS }) => cpuMsPerStreamS)
  return {
    promise: `a session costs at ${figures.at(-1)?.streams} streams what it does at ${figures[0]?.streams}`,
    kept: Math.max(...costs) / (costs[0] ?? Number.NaN) <= FLAT_RATIO_MAX,
    measured: `${costs.map((cost) => cost.toFixed(3)).join(', ')} ms a stream-second`,
  }
}

export function promisesUnderAttack(attacked: Attacked): Promised[] {
  const { direct, quiet, logins, hanging, loginAnswers, hangingAnswers } = attacked
  const [calm, flooded, hung] = [quiet, logins, hanging].map((server) =>
    figuresOfRung({ server, direct }),
  ) as [Figures, Figures, Figures]
  const told = (answers: object): string =>
    Object.entries(answers)
      .map(([name, count]) => `${name}: ${String(count)}`)
      .join(', ')
  return [
    {
      promise: `p99 added stays below ${ATTACKED_MS} ms under ${LOGINS_PER_S} logins/s of one address`,
      kept: isBelow(flooded, ATTACKED_MS),
      measured: `${flooded.audioP99Ms.toFixed(1)} ms, ${calm.audioP99Ms.toFixed(1)} before (${told(loginAnswers)})${limitOf({ server: logins, direct })}`,
    },
    {
      promise: `and while ${HANGING} handshakes hang`,
      kept: isBelow(hung, ATTACKED_MS),
      measured: `${hung.audioP99Ms.toFixed(1)} ms (${told(hangingAnswers)})${limitOf({ server: hanging, direct })}`,
    },
  ]
}

export function promisesOfBooks(
  words: Words,
  counts: FrameCounts,
  before: FrameCounts,
  chargedMs: number,
  frames: number,
): Promised[] {
  const since = (name: keyof FrameCounts): number => counts[name] - before[name]
  const wrong = since('lost') + since('doubled') + since('altered') + since('foreign')
  return [
    {
      promise: `${Math.max(frames, words.sent)} frames: none lost, doubled, swapped or altered`,
      kept: wrong === 0 && words.sent >= frames && counts.lost === 0,
      measured: `${since('lost')} lost, ${since('doubled')} doubled or late, ${since('altered')} altered, ${since('foreign')} astray`,
    },
    {
      promise: 'every word comes once, and to nobody else',
      kept: words.lost + words.doubled + words.foreign === 0 && words.problems.length === 0,
      measured: `${words.lost} frames without one, ${words.doubled} doubled, ${words.foreign} of others, ${words.problems.length} sessions broken`,
    },
    {
      promise: 'what was sent is what was charged, to the millisecond',
      kept: chargedMs === sentMs(words),
      measured: `${sentMs(words)} ms sent, ${chargedMs} ms charged`,
    },
  ]
}

export function figuresOfRung({ server, direct }: Rung): Figures {
  return figuresOf([server], [direct], 'saywire')
}

function isBelow(figures: Figures, boundMs: number): boolean {
  return figures.audioP99Ms < boundMs && figures.wordsP99Ms < boundMs
}

/** Why a latency may be that of the machine, and not of the server. */
export function limitOf({ server, direct }: Rung): string {
  const lateMs = Math.max(server.lateUs.p99, direct.lateUs.p99) / 1000
  const busy = server.fakeCores + server.loadCores
  if (lateMs < LATE_MS) return ''
  return `; limited by core 1: frames left the generator up to ${lateMs.toFixed(0)} ms late, which used ${(100 * busy).toFixed(0)} % of it with the fake`
}

function ratioOf(own: number, other: number): number {
  return Math.max(own, RESOLUTION_MS) / Math.max(other, RESOLUTION_MS)
}
