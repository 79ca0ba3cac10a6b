import { z } from 'zod'
import { protectedAuthProcedure, protectedProcedure, router } from '../api/trpc.ts'
import { creditsSchema, toCredits } from '../billing/credits.ts'
import { idSchema } from '../ids.ts'
import { knownPassword, newPassword } from './account-fields.ts'

const deviceSchema = z.object({
  id: z.string(),
  device_name: z.string().nullable(),
  kind: z.enum(['app', 'web']),
  created_at: z.iso.datetime(),
  last_seen_at: z.iso.datetime().meta({ description: 'To the hour, where it is a browser.' }),
  is_current: z.boolean().meta({ description: 'Whether this very call is made with it.' }),
})

export const accountRouter = router({
  me: protectedProcedure
    .meta({
      openapi: {
        method: 'GET',
        path: '/account/me',
        summary: 'The caller’s account',
        errorResponses: { 401: 'unauthenticated' },
        tags: ['account'],
      },
    })
    .output(
      z.object({
        id: z.string(),
        email: z.string(),
        credits: creditsSchema,
        created_at: z.iso.datetime(),
      }),
    )
    .query(async ({ ctx }) => {
      const account = await ctx.accounts.find(ctx.userId)
      return {
        id: account.id,
        email: account.email,
        credits: toCredits(account.unspentMs),
        created_at: account.createdAt.toISOString(),
      }
    }),
  changePassword: protectedAuthProcedure
    .meta({
      openapi: {
        method: 'POST',
        path: '/account/password',
        summary: 'Change the password; every other login ends',
        errorResponses: {
          400: 'bad_request',
          401: 'unauthenticated, invalid_credentials',
          429: 'rate_limited',
        },
        tags: ['account'],
      },
    })
    .input(z.object({ current_password: knownPassword, new_password: newPassword }))
    .output(z.object({}))
    .mutation(async ({ ctx, input }) => {
      await ctx.accounts.changePassword({
        userId: ctx.userId,
        loginId: ctx.loginId,
        currentPassword: input.current_password,
        newPassword: input.new_password,
      })
      return {}
    }),

  devices: protectedProcedure
    .meta({
      openapi: {
        method: 'GET',
        path: '/account/devices',
        summary: 'Where the caller is logged in, the newest login first',
        errorResponses: { 401: 'unauthenticated' },
        tags: ['account'],
      },
    })
    .output(z.object({ devices: z.array(deviceSchema) }))
    .query(async ({ ctx }) => {
      const devices = await ctx.devices.list(ctx.userId)
      return {
        devices: devices.map(({ id, name, kind, createdAt, lastSeenAt }) => ({
          id,
          device_name: name,
          kind,
          created_at: createdAt.toISOString(),
          last_seen_at: lastSeenAt.toISOString(),
          is_current: id === ctx.loginId,
        })),
      }
    }),

  signOut: protectedProcedure
    .meta({
      openapi: {
        method: 'DELETE',
        path: '/account/devices/{id}',
        summary: 'End one login',
        errorResponses: { 401: 'unauthenticated', 404: 'not_found' },
        tags: ['account'],
      },
    })
    .input(z.object({ id: idSchema }))
    .output(z.object({}))
    .mutation(async ({ ctx, input }) => {
      await ctx.devices.end(ctx.userId, input.id)
      return {}
    }),

  signOutAll: protectedProcedure
    .meta({
      openapi: {
        method: 'POST',
        path: '/account/devices/sign-out-all',
        summary: 'End every login, this one too',
        errorResponses: { 401: 'unauthenticated' },
        tags: ['account'],
      },
    })
    .output(z.object({ ended: z.int() }))
    .mutation(async ({ ctx }) => {
      const ended = await ctx.devices.endAll(ctx.userId)
      ctx.caller.setCookie?.(undefined)
      return { ended }
    }),
})
