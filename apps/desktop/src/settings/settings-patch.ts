import { z } from 'zod'
import type { Settings, SettingsPatch } from './settings.ts'
import { settingsSchema } from './settings.ts'

const patchShape = z.record(z.string(), z.record(z.string(), z.unknown()))

/** Says only that it has sections with fields; `applyPatch` checks them against the schema. */
export const settingsPatchSchema = z.custom<SettingsPatch>(
  (value) => patchShape.safeParse(value).success,
  'must be sections with fields',
)

/**
 * The settings with the patch's fields in place of theirs. Pure.
 * @throws ZodError for a section or field that does not exist, or a value that it does not take
 */
export function applyPatch(settings: Settings, patch: SettingsPatch): Settings {
  const sections: Record<string, object> = {}
  for (const [name, fields] of Object.entries(patch)) {
    sections[name] = { ...settings[name as keyof SettingsPatch], ...fields }
  }
  return settingsSchema.parse({ ...settings, ...sections, version: settings.version })
}
