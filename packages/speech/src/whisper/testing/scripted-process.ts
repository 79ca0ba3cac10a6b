import type { WhisperReply, WhisperRequest } from '../whisper-messages.ts'
import type { WhisperProcess } from '../whisper-process.ts'

/** A whisper process that only does what a test tells it. */
export interface ScriptedProcess extends WhisperProcess {
  readonly requests: readonly WhisperRequest[]
  reply(reply: WhisperReply): void
  exit(reason: string): void
}

/** @param onRequest Called with each message that it gets, from the next turn of the event loop. */
export function scriptedProcess(
  onRequest: (request: WhisperRequest, process: ScriptedProcess) => void,
): ScriptedProcess {
  const requests: WhisperRequest[] = []
  const replyListeners: ((reply: WhisperReply) => void)[] = []
  const exitListeners: ((reason: string) => void)[] = []
  const process: ScriptedProcess = {
    requests,
    send(request) {
      requests.push(request)
      setImmediate(() => onRequest(request, process))
    },
    onReply: (listener) => void replyListeners.push(listener),
    onExit: (listener) => void exitListeners.push(listener),
    reply(reply) {
      for (const listener of replyListeners) listener(reply)
    },
    exit(reason) {
      for (const listener of exitListeners.splice(0)) listener(reason)
    },
    kill: () => process.exit('SIGKILL'),
  }
  return process
}
