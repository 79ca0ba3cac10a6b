import { z } from 'zod'
import { authProcedure, router } from '../api/trpc.ts'
import { email, knownPassword, newPassword } from './account-fields.ts'
import type { Login } from './accounts.ts'

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
  password: newPassword,
  device_name: deviceName,
})
const loginInput = z.object({
  email,
  password: knownPassword,
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
    errorResponses: { ...errorResponses, 429: 'rate_limited' },
    protect: false,
    tags: ['auth'],
  },
})

export const authRouter = router({
  register: authProcedure
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
  login: authProcedure
    .meta(
      publicPost('/auth/login', 'Log in on a device', {
        400: 'bad_request',
        401: 'invalid_credentials',
        403: 'account_blocked',
        503: 'busy',
      }),
    )
    .input(loginInput)
    .output(loginOutput)
    .mutation(async ({ ctx, input: { device_name, ...rest } }) =>
      toWire(await ctx.accounts.login({ ...rest, deviceName: device_name })),
    ),
  refresh: authProcedure
    .meta(
      publicPost('/auth/refresh', 'Exchange the refresh token; a used one ends the login', {
        400: 'bad_request',
        401: 'unauthenticated',
        403: 'account_blocked',
      }),
    )
    .input(refreshInput)
    .output(loginOutput)
    .mutation(async ({ ctx, input }) => toWire(await ctx.accounts.refresh(input.refresh_token))),
  logout: authProcedure
    .meta(publicPost('/auth/logout', 'End the login of this device', { 400: 'bad_request' }))
    .input(refreshInput)
    .output(z.object({}))
    .mutation(async ({ ctx, input }) => {
      await ctx.accounts.logout(input.refresh_token)
      return {}
    }),
})
