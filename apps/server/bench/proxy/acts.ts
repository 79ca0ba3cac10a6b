import { setTimeout as sleep } from 'node:timers/promises'
import type { BenchRun } from '../report.ts'
import { say } from '../report.ts'
import { FRAME_MS } from './audio-frame.ts'
import type { FloodAnswers } from './floods.ts'
import { floodLogins, hangHandshakes } from './floods.ts'
import type { Measured } from './measure.ts'
import { measure } from './measure.ts'
import type { Play, TargetName } from './play.ts'
import type { Target } from './targets.ts'

export const TARGETS: readonly TargetName[] = [
  'direct',
  'ws pipe',
  'ws reshape',
  'ws native',
  'nginx',
  'saywire',
]
export const LOGINS_PER_S = 200
export const HANGING = 2000
/** The rest of a million frames may take so long. */
const REST_MAX_MS = 240_000
const REST_CHECK_MS = 500

/** What became of the clients' frames and words, over all that talked to one kind of target. */
export interface Words {
  sent: number
  lost: number
  doubled: number
  foreign: number
  readonly problems: string[]
}

/** The whole measurement, act by act. */
export interface Acts {
  /** Of the server's clients. */
  readonly words: Words
  /** Each target alone under so many clients. */
  compare(streams: number, rounds: number, windowMs: number): Promise<Measured[]>
  /** More and more clients of one process of it. @param frames that it must have been sent at the end */
  climb(name: TargetName, ladder: readonly number[], options: ClimbOptions): Promise<Measured[]>
  /** Nothing between, under so many clients. */
  direct(streams: number, windowMs: number): Promise<Measured>
  /** The server's clients while others attack it. */
  attack(streams: number, windowMs: number): Promise<Attacked>
}

export interface ClimbOptions {
  readonly windowMs: number
  readonly frames?: number
}

export interface Attacked {
  readonly direct: Measured
  readonly quiet: Measured
  readonly logins: Measured
  readonly loginAnswers: FloodAnswers
  readonly hanging: Measured
  readonly hangingAnswers: FloodAnswers
}

export function createActs(run: BenchRun, play: Play): Acts {
  const { load } = play
  const words: Words = { sent: 0, lost: 0, doubled: 0, foreign: 0, problems: [] }

  async function join(target: Target, tokens: readonly string[]): Promise<void> {
    const { url, dialect } = target
    await load.ask('start', { url, dialect, tokens })
  }

  async function leave({ dialect }: Target): Promise<void> {
    const { problems, ...counts } = await load.ask('stop', undefined)
    if (dialect !== 'saywire') return
    words.problems.push(...problems)
    words.sent += counts.sent
    words.lost += counts.lost
    words.doubled += counts.doubled
    words.foreign += counts.foreign
  }

  async function alone(target: Target, streams: number, windowMs: number): Promise<Measured> {
    await join(target, await play.tokens(target, streams))
    const measured = await measure(play, target, { streams, windowMs })
    await leave(target)
    await target.end()
    return measured
  }

  async function direct(streams: number, windowMs: number): Promise<Measured> {
    return alone(await start('direct'), streams, windowMs)
  }

  async function start(name: TargetName): Promise<Target> {
    const target = await play.start(name)
    if (!target) throw new Error(`${name} is not there`)
    return target
  }

  return {
    words,
    direct,
    async compare(streams, rounds, windowMs) {
      const measured: Measured[] = []
      for (let round = 0; round < rounds; round++) {
        // Back and forth, so that a machine that warms up favours nobody.
        for (const name of round % 2 === 0 ? TARGETS : TARGETS.toReversed()) {
          const target = await play.start(name)
          if (target) measured.push(await alone(target, streams, windowMs))
          else if (round === 0) say(`${name} is not installed here: skipped`)
        }
      }
      return measured
    },
    async climb(name, ladder, { windowMs, frames = 0 }) {
      const target = await start(name)
      const tokens = await play.tokens(target, Math.max(...ladder))
      const rungs: Measured[] = []
      let joined = 0
      for (const streams of ladder) {
        await join(target, tokens.slice(joined, streams))
        joined = streams
        rungs.push(await measure(play, target, { streams, windowMs }))
      }
      const byMs = performance.now() + REST_MAX_MS
      const sent = async (): Promise<number> => words.sent + (await load.ask('sent', undefined))
      while ((await sent()) < frames && performance.now() < byMs) await sleep(REST_CHECK_MS)
      await leave(target)
      await target.end()
      return rungs
    },
    async attack(streams, windowMs) {
      const without = await direct(streams, windowMs)
      const target = await start('saywire')
      await join(target, await play.tokens(target, streams))
      const options = { streams, windowMs }
      const quiet = await measure(play, target, options)
      const logins = floodLogins(target.url, LOGINS_PER_S)
      run.atEnd(logins.end)
      const flooded = await measure(play, target, options)
      const loginAnswers = await logins.end()
      const handshakes = hangHandshakes(target.url, HANGING)
      run.atEnd(handshakes.end)
      const hanging = await measure(play, target, options)
      const hangingAnswers = await handshakes.end()
      await leave(target)
      await target.end()
      return { direct: without, quiet, logins: flooded, loginAnswers, hanging, hangingAnswers }
    },
  }
}

/** Audio that the server's clients sent, ms. */
export function sentMs(words: Words): number {
  return words.sent * FRAME_MS
}
