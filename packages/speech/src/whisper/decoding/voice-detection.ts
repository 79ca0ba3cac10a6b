import { loadSherpa } from '../library/sherpa.ts'
import { createEnergyVoiceDetector } from './energy-voice-detector.ts'
import { createSileroDetectors } from './silero-voice-detector.ts'
import type { VoiceDetector } from './voice-detector.ts'

export interface VoiceDetection {
  /** One for each stream. */
  readonly createDetector: () => VoiceDetector
  /** Why it goes by loudness alone; undefined where it does not. */
  readonly energyBecause?: string
}

/** Voice by the model at `modelPath`, or by energy where there is none or it does not load. */
export function chooseVoiceDetection(modelPath: string | undefined): VoiceDetection {
  const byEnergy = (energyBecause: string) => {
    return { createDetector: createEnergyVoiceDetector, energyBecause }
  }
  if (modelPath === undefined) return byEnergy('its model is not on this computer')
  try {
    return { createDetector: createSileroDetectors(modelPath, loadSherpa()) }
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    return byEnergy(reason)
  }
}
