import { isDetected, languageName, WHISPER_LANGUAGES } from '../../settings/languages.ts'
import type { TranscriptionMode } from '../../settings/settings.ts'

/** What cloud engines know well, by tag; each of their models knows others besides. */
const CLOUD_LANGUAGES =
  'en en-GB en-US de es fr it pt pt-BR nl pl sv da no fi cs ru uk tr el hu ro bg id vi th hi ja ko zh'.split(
    ' ',
  )

const OFFERED = {
  local: WHISPER_LANGUAGES,
  byok: CLOUD_LANGUAGES,
  // Whichever of both it transcribes with.
  managed: [...CLOUD_LANGUAGES, ...WHISPER_LANGUAGES],
} as const satisfies Record<TranscriptionMode, readonly string[]>

export interface LanguageOption {
  readonly value: string
  readonly name: string
}

/** What can be chosen with an engine of this mode, by name; `current` is among it in any case. */
export function languageOptions(mode: TranscriptionMode, current?: string): LanguageOption[] {
  const tags = new Set(OFFERED[mode])
  if (current !== undefined && !isDetected(current)) tags.add(current)
  const options = [...tags]
    .map((value) => ({ value, name: languageName(value) }))
    .toSorted((a, b) => a.name.localeCompare(b.name))
  return [{ value: 'multi', name: 'Detect automatically' }, ...options]
}
