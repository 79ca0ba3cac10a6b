import type { SpeechActivity } from '@saywire/speech'
import type { SessionLog } from './session-log.ts'

/** Writes down where speech begins and ends: without the sound nobody could tell any more. */
export function recordingActivity(activity: SpeechActivity, log: SessionLog): SpeechActivity {
  let frame = 0
  let wasSpeech = false
  return {
    hear(pcm) {
      const isSpeech = activity.hear(pcm)
      frame += 1
      if (isSpeech !== wasSpeech) log.output({ type: 'speech', frame, isSpeech })
      wasSpeech = isSpeech
      return isSpeech
    },
  }
}

/** @param changes frames, rising, from which on there was speech, then none, then speech … */
export function createReplayActivity(changes: readonly number[]): SpeechActivity {
  let frame = 0
  let passed = 0
  return {
    hear() {
      frame += 1
      while ((changes[passed] ?? Infinity) <= frame) passed += 1
      return passed % 2 === 1
    },
  }
}
