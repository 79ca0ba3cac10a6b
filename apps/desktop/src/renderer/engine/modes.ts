import type { TranscriptionMode } from '../../settings/settings.ts'
import type { IconName } from '../ui/icon.tsx'

interface ModeDescription {
  readonly mode: TranscriptionMode
  readonly icon: IconName
  /** In the first run. */
  readonly title: string
  /** In the settings. */
  readonly name: string
  readonly summary: string
  readonly cost: string
  readonly audio: string
  readonly account: string
}

/** The three ways to captions, told honestly. */
export const MODES: readonly ModeDescription[] = [
  {
    mode: 'local',
    icon: 'computer',
    title: 'On this computer',
    name: 'Local (Whisper)',
    summary: 'Whisper runs here, beside your game.',
    cost: 'Free, for ever',
    audio: 'Audio stays on this computer',
    account: 'No account; fetches a model once',
  },
  {
    mode: 'managed',
    icon: 'cloud',
    title: 'A Saywire server',
    name: 'Remote – Managed',
    summary: 'Fast and accurate, and light on your computer.',
    cost: 'Prepaid by the minute',
    audio: 'Audio goes to the server you name',
    account: 'An account on that server',
  },
  {
    mode: 'byok',
    icon: 'key',
    title: 'Your Deepgram key',
    name: 'Remote – BYOK',
    summary: 'Fast and accurate, billed by Deepgram itself.',
    cost: 'Deepgram’s price, to Deepgram',
    audio: 'Audio goes straight to Deepgram',
    account: 'A Deepgram account and its key',
  },
]
