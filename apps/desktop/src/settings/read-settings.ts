import { migrateSettings } from './migrations.ts'
import type { Settings } from './settings.ts'
import { settingsSchema } from './settings.ts'

/** What a settings file gave. */
export interface ReadSettings {
  readonly settings: Settings
  /**
   * `broken` and `newer`: something in the file could not be used, and must not be written over.
   */
  readonly state: 'fine' | 'broken' | 'newer'
  /** Sections that fell back to their defaults. */
  readonly lost: readonly string[]
}

/**
 * Reads as much as can be used: where the file is broken, each section that still makes sense is
 * kept. Pure; never throws.
 */
export function readSettings(text: string): ReadSettings {
  const raw = parseObject(text)
  if (!raw) return nothingOf('broken')
  const migrated = migrateSettings(raw)
  if (migrated.kind === 'newer') return nothingOf('newer')
  if (migrated.kind === 'unknown') return nothingOf('broken')
  const whole = settingsSchema.safeParse(migrated.raw)
  if (whole.success) return { settings: whole.data, state: 'fine', lost: [] }

  const lost: string[] = []
  const kept: Record<string, unknown> = {}
  for (const [name, section] of Object.entries(settingsSchema.shape)) {
    const value = migrated.raw[name]
    if (value === undefined || section.safeParse(value).success) kept[name] = value
    else lost.push(name)
  }
  return { settings: settingsSchema.parse(kept), state: 'broken', lost }
}

function nothingOf(state: 'broken' | 'newer'): ReadSettings {
  const lost = Object.keys(settingsSchema.shape).filter((name) => name !== 'version')
  return { settings: settingsSchema.parse({}), state, lost }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
