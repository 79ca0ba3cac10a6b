import { wordErrorRate } from '@saywire/speech/testing'
import { slopeOf } from '../soak/trend.ts'
import { LIMITS } from './limits.ts'
import type { StreamRun } from './real-time-stream.ts'
import type { Findings, Promised } from './report.ts'
import { figure, percent, row, say, seconds } from './report.ts'
import type { ClipScore, StreamScore } from './score-stream.ts'
import { mean, quantile, separation } from './statistics.ts'

interface Spread {
  readonly count: number
  readonly median: number | undefined
  readonly p95: number | undefined
}

/** What a user of the engine sees, and what it costs his computer. */
export function streamFindings(score: StreamScore, run: StreamRun, audioMs: number): Findings {
  const latencies = {
    firstText: spreadOf(score.firstTextMs),
    committed: spreadOf(score.committedMs),
    final: spreadOf(score.finalMs),
  }
  const { speech } = score
  const errorRates = streamErrorRates(score.clips)
  say('')
  say(row('word errors, real time', 'rate', 'words'))
  for (const { name, rate, words } of errorRates) say(row(name, percent(rate), String(words)))
  say('')
  say(row('latency, real time', 'median', '95 %', 'measured'))
  for (const [name, { median, p95, count }] of Object.entries(latencies)) {
    say(row(name, seconds(median), seconds(p95), String(count)))
  }
  say(
    `${score.utterances} utterances, ${score.unheard} of them without text or end; ` +
      `${speech.committed} words committed by interims, ${speech.changed} changed; ` +
      `frames at most ${run.worstDelayMs.toFixed(0)} ms late`,
  )
  for (const change of speech.changes.slice(0, 10)) say(`  ${change}`)
  const times = timeFindings(score)
  const confidence = confidenceFindings(score)
  const cost = costFindings(run, audioMs)
  const { firstTextMs, committedMs, finalMs } = LIMITS
  return {
    figures: {
      audioS: audioMs / 1000,
      errorRates,
      latencies,
      utterances: score.utterances,
      unheard: score.unheard,
      committed: speech.committed,
      changes: speech.changes,
      worstDelayMs: run.worstDelayMs,
      wordTimes: times.figures,
      confidence: confidence.figures,
      cost: cost.figures,
      clips: score.clips.map(({ clip, heard, errors, words }) => {
        return { file: clip.clip.file, atMs: clip.startMs, errors, words, heard }
      }),
    },
    promises: [
      ...latencyPromises('first text', latencies.firstText, firstTextMs),
      ...latencyPromises('word committed', latencies.committed, committedMs),
      ...latencyPromises('final', latencies.final, finalMs),
      {
        promise: 'a committed word never changes',
        measured: `${speech.changed} of ${speech.committed}`,
        // An engine that commits nothing before its finals keeps no promise by that.
        kept: speech.changed === 0 && speech.committed > 0,
      },
      ...times.promises,
      ...confidence.promises,
      ...cost.promises,
    ],
  }
}

function spreadOf(values: readonly number[]): Spread {
  return { count: values.length, median: quantile(values, 0.5), p95: quantile(values, 0.95) }
}

function latencyPromises(
  name: string,
  measured: Spread,
  limit: { readonly median: number; readonly p95: number },
): Promised[] {
  return (['median', 'p95'] as const).map((which) => ({
    promise: `${name} within ${limit[which] / 1000} s (${which})`,
    measured: seconds(measured[which]),
    kept: (measured[which] ?? Infinity) <= limit[which],
  }))
}

function streamErrorRates(clips: readonly ClipScore[]) {
  const rateOf = (name: string, those: readonly ClipScore[]) => ({
    name,
    rate: wordErrorRate(those),
    words: those.reduce((sum, { words }) => sum + words, 0),
  })
  const categories = [...new Set(clips.map(({ clip }) => clip.clip.category))]
  const of = (category: string) => clips.filter(({ clip }) => clip.clip.category === category)
  const all = [
    ...categories.map((category) => rateOf(category, of(category))),
    rateOf('clean, all', cleanOf(clips)),
    rateOf(
      'noisy, all',
      clips.filter(({ clip }) => clip.clip.isNoisy),
    ),
  ]
  return all.filter(({ words }) => words > 0)
}

export function cleanOf(clips: readonly ClipScore[]): ClipScore[] {
  return clips.filter(({ clip }) => !clip.clip.isNoisy)
}

function timeFindings({ startErrorsMs, endErrorsMs }: StreamScore): Findings {
  const all = [...startErrorsMs, ...endErrorsMs].map(Math.abs)
  const median = quantile(all, 0.5)
  if (median === undefined) {
    say('word times: not measured, as nobody has aligned these files')
    return { figures: undefined, promises: [] }
  }
  const within = (errors: readonly number[]) =>
    errors.filter((ms) => Math.abs(ms) <= LIMITS.wordTimeToleranceMs).length / errors.length
  const tolerance = `within ${LIMITS.wordTimeToleranceMs} ms`
  say('')
  say(row('word times', tolerance, 'median error', '95 %', 'mean, signed'))
  const rows = {
    starts: startErrorsMs,
    ends: endErrorsMs,
    both: [...startErrorsMs, ...endErrorsMs],
  }
  const figures = Object.fromEntries(
    Object.entries(rows).map(([name, errors]) => {
      const { count, median, p95 } = spreadOf(errors.map(Math.abs))
      const bias = mean(errors)
      const texts = [median, p95, bias].map((ms) => `${(ms ?? 0).toFixed(0)} ms`)
      say(row(name, percent(within(errors)), ...texts))
      return [name, { count, withinTolerance: within(errors), median, p95, bias }]
    }),
  )
  return {
    figures,
    promises: [
      {
        promise: `word times: median error at most ${LIMITS.wordTimeErrorMs.median} ms`,
        measured: `${median.toFixed(0)} ms; ${percent(within(all))} ${tolerance}`,
        kept: median <= LIMITS.wordTimeErrorMs.median,
      },
    ],
  }
}

function confidenceFindings({ rightConfidences, wrongConfidences }: StreamScore): Findings {
  const auc = separation(rightConfidences, wrongConfidences)
  const figures = {
    right: { count: rightConfidences.length, mean: mean(rightConfidences) },
    wrong: { count: wrongConfidences.length, mean: mean(wrongConfidences) },
    separation: auc,
  }
  const means = [figures.right, figures.wrong].map((each) => `${figure(each.mean)} (${each.count})`)
  say(`confidence: right words ${means[0]}, wrong words ${means[1]}, told apart ${figure(auc)}`)
  if (auc === undefined || wrongConfidences.length < LIMITS.wrongWordsMin) {
    return { figures, promises: [] }
  }
  return {
    figures,
    promises: [
      {
        promise: `confidence tells right from wrong words by at least ${LIMITS.confidenceSeparation}`,
        measured: `${figure(auc)} (0.5: chance)`,
        kept: auc >= LIMITS.confidenceSeparation,
      },
    ],
  }
}

function costFindings({ cpuS, probes, peakBytes }: StreamRun, audioMs: number): Findings {
  const cpuPerAudioS = cpuS === undefined ? undefined : cpuS / (audioMs / 1000)
  const warm = probes.filter(({ atMs }) => atMs >= LIMITS.memoryWarmMs)
  const isLong = audioMs >= 2 * LIMITS.memoryWarmMs && warm.length > 0
  const growthMb = isLong
    ? slopeOf(
        warm.map(({ atMs, residentBytes }) => ({ x: atMs / 600_000, y: residentBytes / 1e6 })),
      )
    : undefined
  const peakMb = peakBytes === undefined ? undefined : peakBytes / 1e6
  say(`streaming: ${figure(cpuPerAudioS)} CPU s per s of audio, pauses included`)
  say(`memory: ${figure(peakMb, 0)} MB at most`)
  if (growthMb === undefined) say('memory growth: not measured in so short a stream')
  else say(`memory growth: ${growthMb.toFixed(2)} MB in 10 minutes`)
  return {
    figures: { cpuPerAudioS, peakMb, growthMbPer10Min: growthMb, probes },
    promises: [
      ...(cpuPerAudioS === undefined
        ? []
        : [
            {
              promise: `streaming: at most ${LIMITS.streamCpuPerAudioS} CPU s per s of audio`,
              measured: figure(cpuPerAudioS),
              kept: cpuPerAudioS <= LIMITS.streamCpuPerAudioS,
            },
          ]),
      ...(growthMb === undefined
        ? []
        : [
            {
              promise: `memory grows by less than ${LIMITS.memoryGrowthMb} MB in 10 minutes`,
              measured: `${growthMb.toFixed(2)} MB`,
              kept: growthMb < LIMITS.memoryGrowthMb,
            },
          ]),
    ],
  }
}
