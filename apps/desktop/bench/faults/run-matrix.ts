import { setTimeout as sleep } from 'node:timers/promises'
import type { ScriptedSpeech } from '@saywire/speech/testing'
import { createRandom, writeScript } from '@saywire/speech/testing'
import type { ParsedCue } from '../../src/files/testing/parse-subtitles.ts'
import type { FaultCase } from './fault-cases.ts'
import type { FaultStage } from './fault-stage.ts'
import type { StruckRun } from './fault-table.ts'
import { compareCues } from './heard-words.ts'
import { measureFreshOpenings } from './opening-times.ts'
import type { FaultPoint } from './scripted-run.ts'
import { runScript } from './scripted-run.ts'
import type { ServerCase } from './server-cases.ts'

/** Speech, and the subtitles that it gives where nothing is at fault. */
export interface Yardstick {
  readonly script: ScriptedSpeech
  readonly cues: Promise<readonly ParsedCue[]>
}

/** Sessions of one server that goes down under them all. */
const TOGETHER = 30
/** So that one fault meets each of them at another point of what is said. */
const STAGGER_MS = 250
/** What fresh sessions take is measured so long before. */
const FRESH_BEFORE_MS = 3000
/** No moment is spared, but the first word must have been able to begin. */
const FIRST_MOMENT_MS = 300

/** Unbroken runs, one for each script: what everything else is held against. */
export function measureYardsticks(
  stage: FaultStage,
  options: { readonly count: number; readonly durationMs: number },
  onRun: (run: StruckRun) => void,
): Yardstick[] {
  return Array.from({ length: options.count }, (_, i) => {
    const seed = i + 1
    const script = writeScript({ seed, durationMs: options.durationMs })
    const unbroken = runScript({
      stage,
      script,
      port: stage.steadyPort,
      route: 'managed',
      hasFallback: false,
      needsRelay: false,
      random: createRandom(seed),
    })
    const cues = unbroken.then((result) => {
      const audioMs = script.durationMs
      const off = compareCues(script.words, result.cues, result.cues)
      onRun({ fault: 'none', seed, atMs: 0, audioMs, billMayMissMs: 0, result, cues: off })
      return result.cues
    })
    return { script, cues }
  })
}

/**
 * One session for each case, each struck at a moment that follows from its seed.
 * @param lanesCount sessions at a time
 */
export async function runCases(
  stage: FaultStage,
  yardsticks: readonly Yardstick[],
  cases: readonly FaultCase[],
  lanesCount: number,
  onRun: (run: StruckRun) => void,
): Promise<void> {
  const waiting = [...cases.entries()]
  const lanes = Array.from({ length: lanesCount }, async (_, lane) => {
    await sleep(lane * 50)
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [seed, each] = next
      onRun(await runCase(stage, yardsticks, each, seed + 1))
    }
  })
  await Promise.all(lanes)
}

async function runCase(
  stage: FaultStage,
  yardsticks: readonly Yardstick[],
  each: FaultCase,
  seed: number,
): Promise<StruckRun> {
  const random = createRandom(seed)
  const yardstick = yardsticks[seed % yardsticks.length] as Yardstick
  const atMs = momentIn(yardstick, random)
  return struck(stage, yardstick, {
    fault: `${each.leg}: ${each.name}`,
    seed,
    atMs,
    random,
    route: each.leg === 'app–Deepgram' ? 'byok' : 'managed',
    hasFallback: each.hasFallback ?? false,
    needsRelay: each.needsRelay ?? false,
    port: stage.steadyPort,
    billMayMissMs: 0,
    strike: each.strike,
  })
}

/**
 * Sessions of one server that all meet the same fault, each at another moment of its script.
 * @returns where they move to another server: what opening as many fresh ones takes just then, ms
 */
export async function runServerCase(
  stage: FaultStage,
  yardsticks: readonly Yardstick[],
  each: ServerCase,
  options: { readonly seed: number; readonly sessions?: number },
  onRun: (run: StruckRun) => void,
): Promise<readonly number[]> {
  const { seed, sessions = TOGETHER } = options
  const random = createRandom(seed)
  const durationMs = Math.min(...yardsticks.map(({ script }) => script.durationMs))
  const strikeAtMs = 1000 + sessions * STAGGER_MS + (random() * durationMs) / 6
  const runs = Array.from({ length: sessions }, async (_, i) => {
    await sleep(i * STAGGER_MS)
    const yardstick = yardsticks[(seed + i) % yardsticks.length] as Yardstick
    return struck(stage, yardstick, {
      fault: each.name,
      seed: seed + i,
      // About: opening a session takes its time.
      atMs: Math.round(strikeAtMs - i * STAGGER_MS),
      random,
      route: 'managed',
      hasFallback: false,
      needsRelay: false,
      port: stage.portInUse,
      billMayMissMs: each.billMayMissMs,
      strike: () => undefined,
    })
  })
  const [freshMs] = await Promise.all([
    sleep(strikeAtMs - FRESH_BEFORE_MS).then(async () =>
      each.movesSessions ? measureFreshOpenings(stage, sessions) : [],
    ),
    sleep(strikeAtMs),
  ])
  const struckAtMs = performance.now()
  const since = (atMs: number | undefined) =>
    each.movesSessions && atMs !== undefined ? atMs - struckAtMs : undefined
  const striking = each.strike(stage)
  for (const run of await Promise.all(runs)) {
    const next = run.result.openings.find(({ begunAtMs }) => begunAtMs >= struckAtMs)
    const { begunAtMs, readyAtMs } = next ?? {}
    onRun({ ...run, toldMs: since(begunAtMs), movedMs: since(readyAtMs) })
  }
  await striking
  return freshMs
}

interface Struck {
  readonly fault: string
  readonly seed: number
  readonly atMs: number
  readonly random: () => number
  readonly route: 'managed' | 'byok'
  readonly hasFallback: boolean
  readonly needsRelay: boolean
  readonly port: () => number
  readonly billMayMissMs: number
  strike(point: FaultPoint): void | Promise<void>
}

async function struck(
  stage: FaultStage,
  { script, cues }: Yardstick,
  options: Struck,
): Promise<StruckRun> {
  const { fault, seed, atMs, random, route, hasFallback, needsRelay, billMayMissMs } = options
  const { port } = options
  const result = await runScript({
    stage,
    script,
    random,
    route,
    hasFallback,
    needsRelay,
    port,
    fault: { atMs, strike: options.strike },
  })
  const off = compareCues(script.words, await cues, result.cues)
  return { fault, seed, atMs, audioMs: script.durationMs, billMayMissMs, result, cues: off }
}

function momentIn({ script }: Yardstick, random: () => number): number {
  return Math.round(FIRST_MOMENT_MS + random() * (script.durationMs - FIRST_MOMENT_MS))
}
