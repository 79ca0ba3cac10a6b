import { SETTINGS_VERSION } from './settings.ts'

type RawSettings = Readonly<Record<string, unknown>>

/** Leads settings of the version that it stands under to the next one. Pure. */
type Migration = (old: RawSettings) => RawSettings

/** How each older version became the next one: never changed once a release wrote that version. */
const MIGRATIONS: Readonly<Record<number, Migration>> = {}

export type Migrated =
  | { readonly kind: 'current' | 'migrated'; readonly raw: RawSettings }
  /** A later Saywire wrote them. */
  | { readonly kind: 'newer'; readonly version: number }
  | { readonly kind: 'unknown' }

/** Leads what a settings file holds to the present version, one step at a time. */
export function migrateSettings(
  raw: RawSettings,
  migrations: Readonly<Record<number, Migration>> = MIGRATIONS,
  present: number = SETTINGS_VERSION,
): Migrated {
  const { version = present } = raw
  if (typeof version !== 'number' || !Number.isInteger(version)) return { kind: 'unknown' }
  if (version > present) return { kind: 'newer', version }
  let migrated = raw
  for (let at = version; at < present; at++) {
    const migration = migrations[at]
    if (!migration) return { kind: 'unknown' }
    migrated = { ...migration(migrated), version: at + 1 }
  }
  return { kind: version === present ? 'current' : 'migrated', raw: migrated }
}
