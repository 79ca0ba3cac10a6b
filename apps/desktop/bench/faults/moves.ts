import { quantile } from './opening-times.ts'

/**
 * Within which the sessions of a server that ends in order are at the next one; but on a machine
 * that takes longer to open fresh ones, within what those take.
 */
const MOVED_MAX_MS = 1000

/** How soon the sessions of a server that ended were at the next one. */
export interface Move {
  readonly fault: string
  /** Each session, ms. */
  readonly movedMs: readonly number[]
  /** Until it was told, or noticed it. */
  readonly toldMs: readonly number[]
  /** What as many fresh sessions took to open just before, ms. */
  readonly freshMs: readonly number[]
  /** The longest that a word waited until it was seen, of each session, ms. */
  readonly silentMs: readonly number[]
  /** Whether it is promised; a server that dies must first be known to be dead. */
  readonly isPromised: boolean
}

/** Whether nineteen of twenty are at the next server in time. */
export function isMoveKept({ movedMs, freshMs, isPromised }: Move): boolean {
  const limitMs = Math.max(MOVED_MAX_MS, quantile(freshMs, 0.95))
  return !isPromised || (movedMs.length > 0 && quantile(movedMs, 0.95) <= limitMs)
}

export function moveLine(move: Move): string {
  const { fault, movedMs, toldMs, freshMs, silentMs, isPromised } = move
  const spread = (values: readonly number[]) =>
    [0.5, 0.95, 1].map((share) => (quantile(values, share) / 1000).toFixed(2)).join(' / ')
  const verdict = isPromised ? (isMoveKept(move) ? ': held' : ': BROKEN') : ''
  return (
    `${fault}, ${movedMs.length} sessions at once (p50 / p95 / max, s): at the next server after ` +
    `${spread(movedMs)}, on the way after ${spread(toldMs)}; fresh ones open in ${spread(freshMs)}; words waited ${spread(silentMs)}${verdict}`
  )
}
