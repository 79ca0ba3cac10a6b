import { LIMITS } from './limits.ts'
import type { GuardResult } from './guards.ts'
import type { Invented } from './non-speech.ts'
import type { Findings } from './report.ts'
import { percent, row, say } from './report.ts'

const TEXTS_MAX = 5
/** A single decode takes as long, whatever there is to hear. */
const SLOW_MIN_MS = 5000

export function saySoundHeader(): void {
  say('')
  say(row('without a word in it', 'length', 'took', 'words'))
}

export function saySound({ sound, durationMs, tookS, words, texts }: Invented): void {
  const length = `${(durationMs / 1000).toFixed(0)} s`
  say(row(sound, length, `${tookS.toFixed(1)} s`, String(words)))
  for (const text of texts.slice(0, TEXTS_MAX)) say(`  "${text}"`)
}

export function nonSpeechFindings(heard: readonly Invented[]): Findings {
  return {
    figures: heard,
    promises: heard.flatMap(({ sound, durationMs, tookS, words }) => [
      {
        promise: `no word in: ${sound}`,
        measured: `${words} words`,
        kept: words === 0,
      },
      {
        promise: `no slower than it is heard: ${sound}`,
        measured: `${tookS.toFixed(1)} s for ${(durationMs / 1000).toFixed(0)} s`,
        kept: tookS * 1000 <= Math.max(durationMs, SLOW_MIN_MS),
      },
    ]),
  }
}

export function sayGuardHeader(): void {
  say('')
  say(row('guards switched off', 'invented / min', 'words lost', 'word errors', 'earns its place'))
}

export function sayGuard(result: GuardResult, all: GuardResult): void {
  const { off, inventedPerMin, lost, errors, words } = result
  const name = off.length === 0 ? 'none' : off.length > 1 ? 'all of them' : (off[0] ?? '')
  const earns = result === all ? '' : doesEarn(result, all) ? 'yes' : 'not here'
  say(row(name, inventedPerMin.toFixed(2), String(lost), percent(errors / words), earns))
}

/** Without it there is more that nobody said, or more wrong of what was. */
function doesEarn(without: GuardResult, all: GuardResult): boolean {
  return without.inventedPerMin > all.inventedPerMin || without.errors > all.errors
}

/** Results in the order of the trial: none off, each off, all off. */
export function guardFindings(results: readonly GuardResult[]): Findings {
  const all = results[0]
  const none = results.at(-1)
  if (!all || !none) return { figures: results, promises: [] }
  const idle = results.slice(1, -1).filter((each) => !doesEarn(each, all))
  const costs = Math.max(0, all.lost - none.lost) / all.words
  return {
    figures: results,
    promises: [
      {
        promise: 'the guards hold back what would be invented without them',
        measured: `${all.inventedPerMin.toFixed(2)} words a minute, ${none.inventedPerMin.toFixed(2)} without`,
        kept: all.inventedPerMin < none.inventedPerMin,
      },
      {
        promise: 'each guard earns its place: without it more is invented or wrong',
        measured:
          idle.length === 0 ? 'all do' : `not here: ${idle.flatMap(({ off }) => off).join(', ')}`,
        kept: idle.length === 0,
      },
      {
        promise: `the guards cost at most ${percent(LIMITS.guardedLossRate)} of what is said`,
        measured: percent(costs),
        kept: costs <= LIMITS.guardedLossRate,
      },
    ],
  }
}
