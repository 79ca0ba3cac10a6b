import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { languageSchema } from '../settings/settings.ts'

const PLAIN_VERBS = ['start', 'stop', 'toggle', 'mute', 'unmute', 'status'] as const
/** What a running app can be told from outside. */
export const CONTROL_VERBS = [...PLAIN_VERBS, 'language'] as const

/** One line of JSON each way, then the connection ends. */
export const controlRequestSchema = z.discriminatedUnion('do', [
  z.strictObject({ do: z.enum(PLAIN_VERBS) }),
  /** This one, or the next of those that the user switches between. */
  z.strictObject({ do: z.literal('language'), language: languageSchema.optional() }),
])
export type ControlRequest = z.infer<typeof controlRequestSchema>

/**
 * What words on a command line ask for: a verb, and for `language` a tag.
 * @returns undefined where they ask for nothing that there is
 */
export function readControlRequest(words: readonly string[]): ControlRequest | undefined {
  const [verb, language, ...more] = words
  if (more.length > 0) return undefined
  const request = { do: verb, ...(language !== undefined && { language }) }
  return controlRequestSchema.safeParse(request).data
}

const controlStatusSchema = z.object({
  /** As in the window: `listening`, `muted`, `fallback`, … */
  indicator: z.string(),
  sentence: z.string().nullable(),
  isRunning: z.boolean(),
  isMuted: z.boolean(),
  backend: z.string().nullable(),
  device: z.string().nullable(),
  /** A tag such as `en`; `multi` where it is detected. */
  language: z.string(),
})
export type ControlStatus = z.infer<typeof controlStatusSchema>

export const controlAnswerSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), status: controlStatusSchema }),
  z.object({ ok: z.literal(false), code: z.string(), message: z.string() }),
])
export type ControlAnswer = z.infer<typeof controlAnswerSchema>

/** No request of ours is nearly as long. */
export const CONTROL_LINE_MAX = 1000

/** What the system takes as the name of a socket; Linux 107, macOS 103. */
const SOCKET_PATH_MAX = 100

/** Where the app of this data folder listens: a Unix socket, or a named pipe on Windows. */
export function controlPath(dataDir: string, platform: NodeJS.Platform = process.platform): string {
  const hash = createHash('sha256').update(dataDir).digest('hex').slice(0, 16)
  if (platform === 'win32') return `\\\\.\\pipe\\saywire-${hash}`
  const path = join(dataDir, 'control.sock')
  return Buffer.byteLength(path) <= SOCKET_PATH_MAX ? path : join(tmpdir(), `saywire-${hash}.sock`)
}
