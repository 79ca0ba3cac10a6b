import type { Guard } from '@saywire/speech/whisper'
import { GUARDS } from '@saywire/speech/whisper'
import type { GuardResult, GuardResults } from './guards.ts'
import { LIMITS } from './limits.ts'
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
  say(row('guards', 'invented / min', 'words lost', 'word errors'))
}

export function sayGuard({ off, inventedPerMin, lost, errors, words }: GuardResult): void {
  say(row(nameOf(off), inventedPerMin.toFixed(2), String(lost), percent(errors / words)))
}

function nameOf(off: readonly Guard[]): string {
  if (off.length === 0) return 'all'
  if (off.length === GUARDS.length) return 'none'
  if (off.length === 1) return `without ${off[0]}`
  return `only ${GUARDS.filter((guard) => !off.includes(guard)).join(', ')}`
}

/** Whether with the first there is more that nobody said, or more wrong of what was. */
function isWorse(one: GuardResult, other: GuardResult): boolean {
  return one.inventedPerMin > other.inventedPerMin || one.errors > other.errors
}

export function guardFindings({ all, none, each }: GuardResults): Findings {
  const idle = each.filter(({ without, alone }) => !isWorse(without, all) && !isWorse(none, alone))
  const costs = Math.max(0, all.lost - none.lost) / all.words
  return {
    figures: { all, none, each },
    promises: [
      {
        promise: 'the guards hold back what would be invented without them',
        measured: `${all.inventedPerMin.toFixed(2)} words a minute, ${none.inventedPerMin.toFixed(2)} without`,
        kept: all.inventedPerMin < none.inventedPerMin,
      },
      {
        promise:
          'each guard earns its place: less is invented or wrong with it, beside the others or alone',
        measured:
          idle.length === 0 ? 'all do' : `not: ${idle.map(({ guard }) => guard).join(', ')}`,
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
