import { mkdir, readFile, rename, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { withFileLock } from '@saywire/speech/file-lock'
import type { Watchable } from '../api/newest-value.ts'
import type { ReadSettings } from './read-settings.ts'
import { readSettings } from './read-settings.ts'
import { writeAtomically } from '../write-atomically.ts'
import type { Settings, SettingsPatch } from './settings.ts'
import { applyPatch } from './settings-patch.ts'

/** Changes within this time are written together, ms. */
const SAVE_AFTER_MS = 300
/** Far more than settings can take; what is larger is something else. */
const FILE_BYTES_MAX = 8 * 1024 * 1024
/** Longer than a lock lives whose owner crashed, ms. */
const LOCK_WAIT_MS = 15_000
/** The file will not be better later: it is put aside. */
const UNREADABLE = new Set(['EACCES', 'EPERM', 'EISDIR', 'ELOOP'])

/** A listener gets new objects for the sections that changed, and the same ones for all others. */
export interface SettingsStore extends Watchable<Settings> {
  /**
   * Takes effect at once and is on the disk soon.
   * @throws ZodError where the schema does not take it
   */
  update(patch: SettingsPatch): Settings
  /** Writes what is not written yet. */
  close(): Promise<void>
}

export interface SettingsStoreDeps {
  readonly file: string
  /** One sentence for the user: the old file was kept aside, or settings cannot be written. */
  readonly onProblem: (sentence: string) => void
  /** Epoch, ms. */
  readonly now?: () => number
  /** How long another process may keep the file to itself, ms. */
  readonly lockWaitMs?: number
}

/**
 * The user's settings in a JSON file. Other processes may change it too: only the fields that were
 * changed here are written, into the file as it then is, while no other process writes. Nothing
 * that cannot be read is ever written over.
 */
export async function openSettingsStore(deps: SettingsStoreDeps): Promise<SettingsStore> {
  const { file, onProblem, now = Date.now, lockWaitMs = LOCK_WAIT_MS } = deps
  const listeners = new Set<(settings: Settings) => void>()
  let pending: SettingsPatch = {}
  let timer: NodeJS.Timeout | undefined
  let saving = Promise.resolve()

  /** Reads the file; one that is of no use is kept under another name. */
  async function load(): Promise<Settings> {
    const read = readSettings(await readText(file))
    if (read.state === 'fine') return read.settings
    const date = new Date(now()).toISOString().replaceAll(/[:.]/g, '-')
    const aside = file.replace(/(\.json)?$/, `.broken-${date}.json`)
    await rename(file, aside)
    onProblem(asideSentence(read, aside))
    if (read.state === 'broken') await writeAtomically(file, toText(read.settings), 0o600)
    return read.settings
  }

  async function locked<T>(work: () => Promise<T>): Promise<T> {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    return withFileLock(file, { signal: AbortSignal.timeout(lockWaitMs) }, work)
  }

  async function save(): Promise<void> {
    const patch = pending
    pending = {}
    if (Object.keys(patch).length === 0) return
    try {
      const written = await locked(async () => {
        const next = applyPatch(await load(), patch)
        await writeAtomically(file, toText(next), 0o600)
        return next
      })
      // What was changed here meanwhile is newer than the file.
      become(applyPatch(written, pending))
    } catch (error) {
      pending = mergePatches(patch, pending)
      onProblem(unwrittenSentence(file, error))
    }
  }

  async function saveNow(): Promise<void> {
    clearTimeout(timer)
    saving = saving.then(save)
    await saving
  }

  function scheduleSave(): void {
    clearTimeout(timer)
    timer = setTimeout(() => void saveNow(), SAVE_AFTER_MS)
  }

  function become(next: Settings): void {
    if (isDeepStrictEqual(next, settings)) return
    settings = keepUnchanged(next, settings)
    for (const listener of listeners) listener(settings)
  }

  let settings = await locked(load).catch(async (error: unknown) => {
    // What can be read is good, also where nothing can be written.
    const read = readSettings(await readText(file).catch(() => ''))
    onProblem(
      read.state === 'fine' ? unwrittenSentence(file, error) : unreadSentence(file, error, read),
    )
    return read.settings
  })

  return {
    get: () => settings,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    update(patch) {
      const next = applyPatch(settings, patch)
      pending = mergePatches(pending, patch)
      scheduleSave()
      become(next)
      return settings
    },
    async close() {
      await saveNow()
      listeners.clear()
    },
  }
}

/** Sections that hold the same are the same objects, so that listeners see at once what changed. */
function keepUnchanged(next: Settings, before: Settings): Settings {
  const sections = Object.entries(before).filter(([name, section]) =>
    isDeepStrictEqual(section, next[name as keyof Settings]),
  )
  return { ...next, ...Object.fromEntries(sections) }
}

function mergePatches(first: SettingsPatch, second: SettingsPatch): SettingsPatch {
  const merged: Record<string, object> = { ...first }
  for (const [name, fields] of Object.entries(second)) merged[name] = { ...merged[name], ...fields }
  return merged
}

function toText(settings: Settings): string {
  return `${JSON.stringify(settings, undefined, 2)}\n`
}

/**
 * The file's text; empty where it is of no use.
 * @throws the file system's error where the file may be fine, and only cannot be read now
 */
async function readText(file: string): Promise<string> {
  try {
    const stats = await stat(file)
    // Reading a pipe or a device might never end.
    if (!stats.isFile() || stats.size > FILE_BYTES_MAX) return ''
    return await readFile(file, 'utf8')
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return '{}'
    if (UNREADABLE.has(code)) return ''
    throw error
  }
}

function unwrittenSentence(file: string, error: unknown): string {
  return `Your settings could not be written to ${file} (${codeOf(error)}): check its permissions and the free space.`
}

function unreadSentence(file: string, error: unknown, { lost }: ReadSettings): string {
  return `Your settings in ${file} cannot be read (${codeOf(error)}): defaults are used for ${lost.join(', ')}.`
}

function codeOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  return typeof code === 'string' ? code : 'unknown error'
}

function asideSentence({ state, lost }: ReadSettings, aside: string): string {
  if (state === 'newer') {
    return `A newer Saywire wrote your settings, which this one cannot read: they are kept in ${aside}, and defaults are used.`
  }
  const sections = lost.length === 0 ? 'what was wrong' : lost.join(', ')
  return `Your settings file was damaged and is kept in ${aside}: defaults are used for ${sections}.`
}
