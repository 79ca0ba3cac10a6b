import { z } from 'zod'

/** Kinds of weights that models come with, the most exact first. */
export const WEIGHTS = ['f16', 'q8_0', 'q5_1', 'q5_0'] as const
export type Weights = (typeof WEIGHTS)[number]

const speed = z.strictObject({
  /** A layer of the encoder, 10⁹ operations a second. */
  encoderGflops: z.number().positive(),
  /** Weights that pass by for one token, 10⁹ bytes a second. */
  decoderGbps: z.number().positive(),
})

/** What a machine computes with the engine's threads and priority, for each kind of weights. */
export const machineMeasureSchema = z.strictObject({
  ...(Object.fromEntries(WEIGHTS.map((kind) => [kind, speed])) as Record<Weights, typeof speed>),
  /** What a decoder's layer takes beside its arithmetic, for one token, microseconds. */
  stepMicros: z.number().positive(),
})

export type MachineMeasure = z.infer<typeof machineMeasureSchema>
