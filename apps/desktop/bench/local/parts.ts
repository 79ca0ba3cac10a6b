import { wordErrorRate } from '@saywire/speech/testing'
import type { BatchResult } from './batch.ts'
import { decodeBatch } from './batch.ts'
import { batchFindings } from './batch-findings.ts'
import { joinClips } from './clip-stream.ts'
import { tryGuards } from './guards.ts'
import { LIMITS } from './limits.ts'
import type { EngineSetting, MeasuredEngine } from './measured-engine.ts'
import { startEngine } from './measured-engine.ts'
import { listenToSound } from './non-speech.ts'
import {
  guardFindings,
  nonSpeechFindings,
  sayGuard,
  sayGuardHeader,
  saySound,
  saySoundHeader,
} from './non-speech-findings.ts'
import { pickQuick } from './pick-quick.ts'
import { streamInRealTime } from './real-time-stream.ts'
import { referenceSpans } from './reference-spans.ts'
import type { ReferenceSpans } from './reference-spans.ts'
import type { Findings, Promised } from './report.ts'
import { percent, say } from './report.ts'
import type { ClipScore } from './score-stream.ts'
import { scoreStream } from './score-stream.ts'
import { nonSpeechSounds } from './sounds/sounds.ts'
import type { SpeechClip, SpeechSet } from './speech-set.ts'
import { speakClip } from './spoken-reference.ts'
import { cleanOf, streamFindings } from './stream-findings.ts'
import type { WhisperCli } from './whisper-cli.ts'

export const PARTS = ['batch', 'stream', 'non-speech', 'guards'] as const
type Part = (typeof PARTS)[number]

export interface BenchPlan {
  readonly only: readonly Part[]
  readonly isQuick: boolean
  readonly set: SpeechSet
  readonly cli: WhisperCli
  readonly setting: EngineSetting
  /** Least length of the real-time stream. */
  readonly streamMs: number
  /** Of each sound without a word. */
  readonly soundMs: number
  readonly seed: number
}

const QUICK_SOUND_MS = 3000
const GUARD_SOUND_MS = 60_000

export async function runParts(plan: BenchPlan) {
  const clips = plan.isQuick ? pickQuick(plan.set.clips) : plan.set.clips
  const figures: Partial<Record<Part, unknown>> = {}
  const promises: Promised[] = []
  const add = (part: Part, found: Findings) => {
    figures[part] = found.figures
    promises.push(...found.promises)
  }
  const wants = (part: Part) => plan.only.includes(part)
  const measured = await startEngine(plan.setting)
  try {
    const batch = wants('batch') ? await runBatch(plan, clips, measured) : undefined
    if (batch) add('batch', batchFindings(batch))
    if (wants('stream')) {
      const { findings, scores } = await runStream(plan, clips, measured)
      add('stream', findings)
      if (batch) promises.push(asGoodAsWhole(scores, batch))
    }
    if (wants('non-speech')) add('non-speech', await runNonSpeech(plan, measured))
    for (const notice of measured.notices) say(`The engine told its user: ${notice}`)
  } finally {
    await measured.dispose()
  }
  if (!wants('guards')) return { figures, promises }
  if (plan.isQuick) say('guards: not measured: this is the quick run')
  else add('guards', await runGuards(plan))
  return { figures, promises }
}

async function runBatch(
  { cli }: BenchPlan,
  clips: readonly SpeechClip[],
  measured: MeasuredEngine,
) {
  say('')
  say(`decoding ${clips.length} files whole, three ways …`)
  return decodeBatch(clips, cli, measured)
}

async function runStream(
  { cli, seed, streamMs, isQuick }: BenchPlan,
  clips: readonly SpeechClip[],
  measured: MeasuredEngine,
) {
  const stream = joinClips(clips, { seed, leastMs: isQuick ? 0 : streamMs })
  const references = new Map<SpeechClip, ReferenceSpans>()
  for (const clip of clips) references.set(clip, await referenceSpans(clip, cli))
  const spoken = stream.placed.map((placed) => {
    return speakClip(placed, references.get(placed.clip))
  })
  say('')
  say(`streaming ${(stream.durationMs / 60_000).toFixed(1)} min in real time …`)
  const run = await streamInRealTime(measured, stream)
  const score = scoreStream(spoken, run.events)
  return { findings: streamFindings(score, run, stream.durationMs), scores: score.clips }
}

/** Both over the clean clips; a word is as fine as a few clips can be told apart by. */
function asGoodAsWhole(scores: readonly ClipScore[], batch: readonly BatchResult[]): Promised {
  const streamed = wordErrorRate(cleanOf(scores))
  const clean = batch.filter(({ clip }) => !clip.isNoisy).map(({ plain }) => plain)
  const whole = wordErrorRate(clean)
  const words = clean.reduce((sum, each) => sum + each.words, 0)
  const allowed = Math.max(LIMITS.extraErrorRate, 1 / words)
  return {
    promise: `streaming: word errors at most ${percent(allowed)} of the words above whole files`,
    measured: `${percent(streamed)}, whole files ${percent(whole)}`,
    kept: streamed - whole <= allowed,
  }
}

async function runNonSpeech(plan: BenchPlan, { engine }: MeasuredEngine): Promise<Findings> {
  const heard = []
  saySoundHeader()
  for (const sound of nonSpeechSounds(plan.seed, plan.set.noises)) {
    const durationMs = plan.isQuick ? QUICK_SOUND_MS : plan.soundMs
    const invented = await listenToSound(engine, sound, durationMs)
    saySound(invented)
    heard.push(invented)
  }
  return nonSpeechFindings(heard)
}

async function runGuards(plan: BenchPlan): Promise<Findings> {
  sayGuardHeader()
  const results = await tryGuards({
    start: async (off) => startEngine(plan.setting, off),
    sounds: nonSpeechSounds(plan.seed, plan.set.noises),
    soundMs: Math.min(plan.soundMs, GUARD_SOUND_MS),
    clips: plan.set.clips,
    onResult: sayGuard,
  })
  return guardFindings(results)
}
