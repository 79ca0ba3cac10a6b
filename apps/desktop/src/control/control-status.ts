import type { SessionView } from '../api/desktop-state.ts'
import type { ControlStatus } from './control-messages.ts'

/** The session as other programs of this user see it: nothing that was said, and no secret. */
export function controlStatus(session: SessionView, language: string): ControlStatus {
  const { indicator, isRunning, isMuted } = session
  return {
    indicator,
    isRunning,
    isMuted,
    sentence: session.sentence ?? null,
    backend: session.backend ?? null,
    device: session.device ?? null,
    language,
  }
}

/** `listening (whisper base.en, Headset, en): …`, for a terminal. */
export function describeStatus(status: ControlStatus): string {
  const { indicator, sentence, backend, device, language } = status
  const details = [backend, device, language].filter((detail) => detail !== null)
  const what = `${indicator.replaceAll('_', ' ')} (${details.join(', ')})`
  return sentence === null ? what : `${what}: ${sentence}`
}
