import { z } from 'zod'
import { protectedProcedure, publicProcedure, router } from '../api/trpc.ts'
import { creditsSchema, toCredits } from '../billing/credits.ts'
import type { Login } from './accounts.ts'

const PASSWORD_MIN = 8
const PASSWORD_MAX = 256

const email = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .regex(z.regexes.email, 'must be an e-mail address')
  .meta({ description: 'Compared without case.', example: 'you@example.org' })
const deviceName = z
  .string()
  .trim()
  .max(100)
  .regex(/^\P{Cc}*$/u, 'must not contain control characters')
  .optional()
  .meta({ description: 'Shown to the user among their logins.', example: 'Streaming PC' })
const refreshToken = z.string().min(1).max(200)

const registerInput = z.object({
  email,
  password: z.string().min(PASSWORD_MIN).max(PASSWORD_MAX),
  device_name: deviceName,
})
const loginInput = z.object({
  email,
  password: z.string().min(1).max(PASSWORD_MAX),
  device_name: deviceName,
})
const refreshInput = z.object({ refresh_token: refreshToken })

const loginOutput = z.object({
  access_token: z.string(),
  refresh_token: z.string().meta({ description: 'For one use within 30 days.' }),
  expires_in: z.int().meta({ description: 'Life of the access token, in seconds.' }),
  user: z.object({ id: z.string(), email: z.string() }),
})

function toWire({
  accessToken,
  refreshToken,
  expiresInS,
  user,
}: Login): z.infer<typeof loginOutput> {
  return { access_token: accessToken, refresh_token: refreshToken, expires_in: expiresInS, user }
}

const publicPost = (
  path: `/${string}`,
  summary: string,
  errorResponses: Record<number, string>,
) => ({
  openapi: {
    method: 'POST' as const,
    path,
    summary,
    errorResponses,
    protect: false,
    tags: ['auth'],
  },
})

export const authRouter = router({
  register: publicProcedure
    .meta(
      publicPost('/auth/register', 'Create an account', {
        400: 'bad_request',
        409: 'email_taken',
        503: 'busy',
      }),
    )
    .input(registerInput)
    .output(loginOutput)
    .mutation(async ({ ctx, input: { device_name, ...rest } }) =>
      toWire(await ctx.accounts.register({ ...rest, deviceName: device_name })),
    ),
  login: publicProcedure
    .meta(
      publicPost('/auth/login', 'Log in on a device', {
        400: 'bad_request',
        401: 'invalid_credentials',
        503: 'busy',
      }),
    )
    .input(loginInput)
    .output(loginOutput)
    .mutation(async ({ ctx, input: { device_name, ...rest } }) =>
      toWire(await ctx.accounts.login({ ...rest, deviceName: device_name })),
    ),
  refresh: publicProcedure
    .meta(
      publicPost('/auth/refresh', 'Exchange the refresh token; a used one ends the login', {
        400: 'bad_request',
        401: 'unauthenticated',
      }),
    )
    .input(refreshInput)
    .output(loginOutput)
    .mutation(async ({ ctx, input }) => toWire(await ctx.accounts.refresh(input.refresh_token))),
  logout: publicProcedure
    .meta(publicPost('/auth/logout', 'End the login of this device', { 400: 'bad_request' }))
    .input(refreshInput)
    .output(z.object({}))
    .mutation(async ({ ctx, input }) => {
      await ctx.accounts.logout(input.refresh_token)
      return {}
    }),
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
        credits: toCredits(account.availableMs),
        created_at: account.createdAt.toISOString(),
      }
    }),
})
