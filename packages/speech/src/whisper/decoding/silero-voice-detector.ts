import { SAMPLE_RATE_HZ } from '@saywire/protocol'
import type { Sherpa, SherpaVad } from '../library/sherpa.ts'
import type { VoiceDetector } from './voice-detector.ts'

/** The model's step. */
const FRAME_SAMPLES = 512
/** It also hears so much of what was before. */
const CONTEXT_SAMPLES = 64
/**
 * Two frames in a row above this begin speech, one more than 0.15 below it ends it; both as the
 * model's makers have it.
 */
const ONSET_PROBABILITY = 0.5
/**
 * The library counts samples in 32 bits, which end after 37 hours: it begins anew in the first
 * silence after one.
 */
const RESET_AFTER_FRAMES = (3600 * SAMPLE_RATE_HZ) / FRAME_SAMPLES

/**
 * Voice by Silero's model, which tells it from music, keys and other sounds as loud. Each detector
 * has a state of its own; what a released one held (8 MB) goes to the next.
 * @throws Error where the model does not load
 */
export function createSileroDetectors(
  modelPath: string,
  sherpa: Sherpa,
  resetAfterFrames = RESET_AFTER_FRAMES,
): () => VoiceDetector {
  const spare = [loadVad(sherpa, modelPath)]
  return () => {
    const vad = spare.pop() ?? loadVad(sherpa, modelPath)
    const release = () => {
      vad.reset()
      spare.push(vad)
    }
    return createSileroVoiceDetector(vad, resetAfterFrames, release)
  }
}

function loadVad(sherpa: Sherpa, model: string): SherpaVad {
  const sileroVad = {
    model,
    threshold: ONSET_PROBABILITY,
    // When a sentence begins and ends is the segmenter's to say. The library takes 0 for "as usual".
    minSilenceDuration: 0.001,
    minSpeechDuration: 0.001,
    windowSize: FRAME_SAMPLES,
  }
  const config = { sileroVad, sampleRate: SAMPLE_RATE_HZ, numThreads: 1, provider: 'cpu' }
  return new sherpa.Vad(config, 1)
}

function createSileroVoiceDetector(
  vad: SherpaVad,
  resetAfterFrames: number,
  release: () => void,
): VoiceDetector {
  let frames = 0
  begin()

  /** With silence for context, so that each frame is judged when it comes and not with the next. */
  function begin(): void {
    frames = 0
    vad.acceptWaveform(new Float32Array(CONTEXT_SAMPLES))
  }

  return {
    frameSamples: FRAME_SAMPLES,
    isSpeech(frame) {
      vad.acceptWaveform(frame)
      frames++
      const speaking = vad.isDetected()
      if (speaking) {
        // The model goes on as it was; only the audio that was kept for a segment goes.
        vad.flush()
        vad.clear()
      } else if (frames >= resetAfterFrames) {
        vad.reset()
        begin()
      }
      return speaking
    },
    release,
  }
}
