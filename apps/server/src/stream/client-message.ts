import type { ClientMessage } from '@saywire/protocol'
import {
  clientMessageSchema,
  MAX_TEXT_MESSAGE_BYTES,
  parseJson,
  readUntrusted,
} from '@saywire/protocol'

export type ParsedClientMessage =
  | { readonly ok: true; readonly message: ClientMessage }
  | { readonly ok: false; readonly problem: string }

/** Parses one text message; the problem names the offending field, never its value. */
export function parseClientMessage(data: Buffer): ParsedClientMessage {
  if (data.byteLength > MAX_TEXT_MESSAGE_BYTES) {
    return {
      ok: false,
      problem: `A text message may have ${MAX_TEXT_MESSAGE_BYTES} bytes at most.`,
    }
  }
  const json = parseJson(data.toString('utf8'))
  if (json === undefined) return { ok: false, problem: 'The message is not valid JSON.' }
  const parsed = readUntrusted(clientMessageSchema, json)
  if (parsed.success) return { ok: true, message: parsed.data }
  const issue = parsed.error.issues[0]
  const at = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `
  return { ok: false, problem: `${at}${issue?.message ?? 'unknown message'}` }
}
