import type { IndicatorKind } from '../../api/desktop-state.ts'
import type { IconName } from '../ui/icon.tsx'

/** How a state looks: colour, picture, word and, where the host has none, a sentence. */
interface IndicatorLook {
  readonly tone: 'rest' | 'good' | 'silenced' | 'trouble' | 'stopped'
  readonly icon: IconName
  readonly word: string
  readonly sentence: string
  readonly isBusy?: boolean
}

export const INDICATOR_LOOKS = {
  idle: {
    tone: 'rest',
    icon: 'microphone',
    word: 'Not captioning',
    sentence: 'Nothing is recorded until you press Start.',
  },
  starting: {
    tone: 'rest',
    icon: 'reconnect',
    word: 'Starting',
    sentence: 'Opening the microphone and the speech engine.',
    isBusy: true,
  },
  listening: {
    tone: 'good',
    icon: 'microphone',
    word: 'Listening',
    sentence: 'What you say is captioned.',
  },
  muted: {
    tone: 'silenced',
    icon: 'microphoneOff',
    word: 'Muted',
    sentence: 'Not one sample of your voice leaves the recorder.',
  },
  reconnecting: {
    tone: 'trouble',
    icon: 'reconnect',
    word: 'Reconnecting',
    sentence: 'The speech service is out of reach. What you say is kept and captioned later.',
    isBusy: true,
  },
  fallback: {
    tone: 'trouble',
    icon: 'computer',
    word: 'Listening on this computer',
    sentence: 'The speech service is out of reach, so the local engine captions meanwhile.',
  },
  no_microphone: {
    tone: 'stopped',
    icon: 'microphoneMissing',
    word: 'No microphone',
    sentence: 'Plug one in: captions go on by themselves.',
  },
  out_of_credit: {
    tone: 'stopped',
    icon: 'wallet',
    word: 'Out of credit',
    sentence: 'Buy credit, or change to the local engine in the settings.',
  },
  cap_reached: {
    tone: 'stopped',
    icon: 'wallet',
    word: 'Limit reached',
    sentence: 'Raise it under Limits in the settings: what you say is kept meanwhile.',
  },
  access_refused: {
    tone: 'stopped',
    icon: 'key',
    word: 'Not let in',
    sentence: 'Log in again, or enter another key: what you say is kept meanwhile.',
  },
  stopping: {
    tone: 'rest',
    icon: 'reconnect',
    word: 'Stopping',
    sentence: 'The last words are still being captioned.',
    isBusy: true,
  },
  failed: {
    tone: 'stopped',
    icon: 'error',
    word: 'Stopped by a fault',
    sentence: 'Start again. If it stays, open the log folder in the settings.',
  },
} as const satisfies Record<IndicatorKind, IndicatorLook>

export function lookOf(kind: IndicatorKind): IndicatorLook {
  return INDICATOR_LOOKS[kind]
}
