import type { TranscribeConfig } from '@saywire/protocol'
import type { Settings } from '../settings/settings.ts'
import type { RecordingHead } from './recording-format.ts'

/**
 * What of the configuration is kept. Terms that the user listed are not: they are names, as a rule,
 * and the session never looks at them.
 */
export function recordConfig(config: TranscribeConfig): RecordingHead['config'] {
  const { keyterm: _keyterm, keywords: _keywords, replace: _replace, ...plain } = config
  const kept: RecordingHead['config'] = {}
  for (const [key, value] of Object.entries(plain)) if (value !== undefined) kept[key] = value
  return kept
}

/**
 * Named one by one, so that a new setting is in no recording before somebody has thought of it.
 * Left out: addresses, names of devices, files and inputs, word lists, titles, looks, keys.
 */
export function recordSettings(settings: Settings): Record<string, unknown> {
  const { transcription, microphone, overlay, words, files, obs, continuity, spendCaps } = settings
  const { mode, language, localModel, deepgramModel, translate, vocabulary } = transcription
  return {
    transcription: {
      mode,
      language,
      localModel,
      deepgramModel,
      translate,
      terms: vocabulary.length,
    },
    microphone: { channel: microphone.channel, preferred: microphone.order.length },
    overlay: { overlays: overlay.overlays.length },
    words: {
      replacements: words.replacements.length,
      replaceIn: words.replaceIn,
      profanity: words.profanity,
    },
    files: {
      enabled: files.enabled,
      formats: files.formats,
      alignToRecording: files.alignToRecording,
    },
    obs: { enabled: obs.enabled, sendCaptions: obs.sendCaptions, follow: obs.follow },
    continuity,
    spendCaps,
    recording: settings.recording,
  }
}
