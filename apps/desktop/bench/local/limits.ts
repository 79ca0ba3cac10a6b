/** What the local engine is to keep to, on the developers' machine: two cores, base.en-q8_0. */
export const LIMITS = {
  /** Of the words, above what whisper-cli gets wrong of the same files when it hears them whole. */
  extraErrorRate: 0.01,
  firstTextMs: { median: 500, p95: 1200 },
  committedMs: { median: 900, p95: 2000 },
  finalMs: { median: 1000, p95: 1500 },
  wordTimeErrorMs: { median: 150 },
  /** A word's time counts as met within so much. */
  wordTimeToleranceMs: 150,
  /** How often a right word has a higher confidence than a wrong one; 0.5 is chance. */
  confidenceSeparation: 0.6,
  /** Too few to tell. */
  wrongWordsMin: 5,
  /** Of whisper-cli's own, by its plain defaults. */
  batchThroughput: 0.95,
  streamCpuPerAudioS: 0.5,
  /** In 10 minutes of streaming, after the first five. */
  memoryGrowthMb: 1,
  memoryWarmMs: 5 * 60_000,
  /** Of real speech, that all guards together may cost: share of the words. */
  guardedLossRate: 0.01,
} as const
