import type { Settings } from './settings.ts'

interface Choice {
  readonly continuity: Pick<Settings['continuity'], 'silenceGate'>
  readonly transcription: Pick<Settings['transcription'], 'mode'>
}

/** Whether silence is kept from the engine; left to us, only where it would be billed by us. */
export function gatesSilence({ continuity: { silenceGate }, transcription }: Choice): boolean {
  return silenceGate === 'on' || (silenceGate === 'auto' && transcription.mode === 'managed')
}
