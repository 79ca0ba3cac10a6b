import { TRPCError } from '@trpc/server'
import { ZodError } from 'zod'
import type { RpcError } from './rpc-messages.ts'

/** Errors whose message was written for the user; any other's stays on this side. */
const FOR_USERS = new Set([
  'HostError',
  'SpeechError',
  'CaptureError',
  'OverlayError',
  'ObsError',
  'HistoryError',
])

const FAULT: RpcError = {
  code: 'internal',
  message: 'Saywire met a fault of its own; try again, and send us its log if it stays.',
}

/** What a window is told of a failed call: our own sentences, never a stack or a stranger's text. */
export function toRpcError(thrown: unknown): RpcError {
  const error = thrown instanceof TRPCError ? (thrown.cause ?? thrown) : thrown
  if (error instanceof ZodError) return { code: 'bad_input', message: inputSentence(error) }
  if (error instanceof TRPCError) {
    if (error.code !== 'NOT_FOUND') return FAULT
    return { code: 'unknown_call', message: 'This window asks for something that is not there.' }
  }
  if (!(error instanceof Error) || !FOR_USERS.has(error.name)) return FAULT
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'internal'
  return { code, message: error.message }
}

function inputSentence({ issues: [issue] }: ZodError): string {
  const where = issue?.path.join('.') ?? ''
  return `${where === '' ? 'The input' : where} is not valid: ${issue?.message ?? 'unknown'}.`
}
