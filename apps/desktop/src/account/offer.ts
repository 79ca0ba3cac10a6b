import { SpeechError } from '@saywire/speech'
import { z } from 'zod'
import type { Offer } from '../api/desktop-services.ts'

const PACKAGES_MAX = 50

const text = z.string().max(200)
const amount = z.number().nonnegative()

/** The window shows it: a server that is not ours, or of another age, must not break that. */
const offerSchema = z.object({
  buying: z.boolean(),
  packages: z
    .array(
      z.object({
        id: text,
        label: text,
        seconds: amount,
        price_cents: amount,
        currency: z.string().regex(/^[a-z]{3}$/i),
      }),
    )
    .max(PACKAGES_MAX),
  custom: z
    .object({ seconds_per_dollar: amount, min_cents: amount, max_cents: amount })
    .nullish()
    .transform((custom) => custom ?? null),
})

/** What a server says that it sells. @throws SpeechError where that makes no sense */
export function readOffer(answer: unknown, serverUrl: string): Offer {
  const { data } = offerSchema.safeParse(answer)
  if (data) return data
  const message = `${serverUrl} says what it sells in a way that this app does not understand: update the app, or ask who runs the server.`
  throw new SpeechError('internal', message)
}
