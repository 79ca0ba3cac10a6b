import type { SessionView } from '../api/desktop-state.ts'
import type { ControlStatus } from './control-messages.ts'

/** The session as other programs of this user see it: nothing that was said, and no secret. */
export function controlStatus(session: SessionView): ControlStatus {
  const { indicator, isRunning, isMuted } = session
  return {
    indicator,
    isRunning,
    isMuted,
    sentence: session.sentence ?? null,
    backend: session.backend ?? null,
    device: session.device ?? null,
  }
}

/** `listening (whisper base.en, Headset): …`, for a terminal. */
export function describeStatus({ indicator, sentence, backend, device }: ControlStatus): string {
  const details = [backend, device].filter((detail) => detail !== null)
  const inside = details.length > 0 ? ` (${details.join(', ')})` : ''
  return `${indicator.replaceAll('_', ' ')}${inside}${sentence === null ? '' : `: ${sentence}`}`
}
