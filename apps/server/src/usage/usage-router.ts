import { z } from 'zod'
import { protectedProcedure, router } from '../api/trpc.ts'
import { idSchema } from '../ids.ts'
import { isTimeZone } from './calendar-days.ts'
import type { SessionPage } from './session-list.ts'
import { durationMs } from './session-list.ts'

const PAGE_DEFAULT = 10
const PAGE_MAX = 100

const timeZone = z
  .string()
  .max(64)
  .refine(isTimeZone, 'must be the name of a time zone, such as Europe/Berlin')
  .default('UTC')
  .meta({ description: 'Whose days are counted.', example: 'Europe/Berlin' })

const usedMs = z.int().nonnegative().meta({ description: 'Audio charged for, in milliseconds.' })
const secondsUsed = z.int().nonnegative().meta({ description: 'The same, rounded.' })
const daySchema = z.object({
  date: z.iso.date(),
  used_ms: usedMs,
  seconds_used: secondsUsed,
  sessions: z.int().nonnegative().meta({ description: 'That began on this day.' }),
})
const sessionSchema = z.object({
  id: z.string(),
  started_at: z.iso.datetime(),
  ended_at: z.iso.datetime().nullable(),
  duration_ms: z
    .int()
    .nonnegative()
    .nullable()
    .meta({ description: 'By the clock, silence included; null while it runs.' }),
  used_ms: usedMs,
  seconds_used: secondsUsed,
  status: z.enum(['active', 'completed', 'terminated']),
  end_reason: z.string().nullable(),
  backend: z.string(),
  model: z.string().nullable(),
  language: z.string().nullable(),
})
const pageSchema = z.object({
  sessions: z.array(sessionSchema).meta({ description: 'Newest first.' }),
  next_cursor: z
    .string()
    .nullable()
    .meta({ description: 'For the next page; null: there is none.' }),
})

const toSeconds = (ms: number): number => Math.round(ms / 1000)

function toWire({ sessions, nextCursor }: SessionPage): z.infer<typeof pageSchema> {
  return {
    sessions: sessions.map((session) => ({
      id: session.id,
      started_at: session.startedAt.toISOString(),
      ended_at: session.endedAt?.toISOString() ?? null,
      duration_ms: durationMs(session),
      used_ms: session.usedMs,
      seconds_used: toSeconds(session.usedMs),
      status: session.status,
      end_reason: session.endReason,
      backend: session.backend,
      model: session.model,
      language: session.language,
    })),
    next_cursor: nextCursor,
  }
}

const protectedGet = (path: `/${string}`, summary: string) => ({
  openapi: {
    method: 'GET' as const,
    path,
    summary,
    errorResponses: { 400: 'bad_request', 401: 'unauthenticated' },
    tags: ['account'],
  },
})

/** What the caller has used; merged into `account`. */
export const usageRouter = router({
  usage: protectedProcedure
    .meta(protectedGet('/account/usage', 'The last 30 days, and the last 10 sessions'))
    .input(z.object({ time_zone: timeZone }))
    .output(z.object({ time_zone: z.string(), days: z.array(daySchema), ...pageSchema.shape }))
    .query(async ({ ctx, input }) => {
      const [days, page] = await Promise.all([
        ctx.dailyUsage.read(ctx.userId, input.time_zone),
        ctx.sessionList.page(ctx.userId, { limit: PAGE_DEFAULT }),
      ])
      return {
        time_zone: input.time_zone,
        days: days.map(({ date, usedMs, sessions }) => ({
          date,
          used_ms: usedMs,
          seconds_used: toSeconds(usedMs),
          sessions,
        })),
        ...toWire(page),
      }
    }),
  sessions: protectedProcedure
    .meta(protectedGet('/account/sessions', 'All sessions, in pages'))
    .input(
      z.object({
        cursor: idSchema.optional(),
        limit: z.int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT),
      }),
    )
    .output(pageSchema)
    .query(async ({ ctx, input }) => toWire(await ctx.sessionList.page(ctx.userId, input))),
})
