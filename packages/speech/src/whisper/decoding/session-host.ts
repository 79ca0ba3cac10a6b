import type { WhisperModel } from '../library/whisper-binding.ts'
import type { SessionRequest, WhisperReply, WhisperSessionConfig } from '../whisper-messages.ts'
import { createDecodeQueue } from './decode-queue.ts'
import { createEnergyVoiceDetector } from './energy-voice-detector.ts'
import { createLiveSession } from './live-session.ts'
import type { LiveSession } from './live-session.ts'
import type { VoiceDetector } from './voice-detector.ts'

export interface SessionHostDeps {
  readonly model: WhisperModel
  readonly threads: number
  readonly createDetector: () => VoiceDetector
  readonly send: (reply: WhisperReply) => void
  readonly onFailure: (error: unknown) => void
}

export interface SessionHost {
  handle(request: SessionRequest): void
}

/** Keeps the sessions of one whisper process and hands each its messages. */
export function createSessionHost(deps: SessionHostDeps): SessionHost {
  const { send } = deps
  const queue = createDecodeQueue({ model: deps.model, onFailure: deps.onFailure })
  const sessions = new Map<number, LiveSession>()
  const detectors = new Map<number, VoiceDetector>()

  function createDetector(id: number, { disabledGuards }: WhisperSessionConfig): VoiceDetector {
    const isByLoudness = disabledGuards.includes('voice')
    const detector = isByLoudness ? createEnergyVoiceDetector() : deps.createDetector()
    detectors.set(id, detector)
    return detector
  }

  /** False where it was gone already. */
  function forget(id: number): boolean {
    detectors.get(id)?.release?.()
    detectors.delete(id)
    return sessions.delete(id)
  }

  return {
    handle(request) {
      const { session: id } = request
      const session = sessions.get(id)
      switch (request.type) {
        case 'open':
          sessions.set(
            id,
            createLiveSession({
              config: request.config,
              threads: deps.threads,
              queue,
              now: () => performance.now(),
              detector: createDetector(id, request.config),
              send: (event) => send({ type: 'event', session: id, event }),
              progress: (heardMs, waitingMs) =>
                send({ type: 'progress', session: id, heardMs, waitingMs }),
              onPace: (pace) => send({ type: 'pace', session: id, pace }),
              onUnheard: (durationMs) => send({ type: 'unheard', session: id, durationMs }),
            }),
          )
          break
        case 'audio':
          session?.write(request.pcm)
          break
        case 'finalize':
          session?.finalize()
          break
        case 'close':
          session?.close().then(() => {
            // Dropped meanwhile: then nobody waits for the answer.
            if (forget(id)) send({ type: 'ended', session: id })
          }, deps.onFailure)
          break
        case 'drop':
          session?.drop()
          forget(id)
          break
      }
    },
  }
}
