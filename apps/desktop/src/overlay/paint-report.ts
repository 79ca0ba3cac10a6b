import { z } from 'zod'
import { PAINTS_MAX } from './overlay-messages.ts'

/** Size of a report, B. */
export const PAINT_REPORT_BYTES_MAX = 4096

/** What a page says of the events that it has painted, in the body of a POST to `/painted`. */
export const paintReportSchema = z.strictObject({
  paints: z
    .array(
      z.strictObject({
        /** The event's id in the stream. */
        eventId: z.string().max(100),
        /** When it was on screen, on the server's clock, ms. */
        paintedAtMs: z.number().nonnegative(),
        /** How far that may be off: half the round trip that the clocks were compared by, ms. */
        uncertaintyMs: z.number().nonnegative().max(10_000),
      }),
    )
    .min(1)
    .max(PAINTS_MAX),
})
export type PaintReport = z.infer<typeof paintReportSchema>
