import { parseDocument } from 'yaml'
import { z } from 'zod'
import type { Settings, SettingsPatch } from './settings.ts'
import { settingsSchema, TRANSCRIPTION_MODES } from './settings.ts'
import { applyPatch } from './settings-patch.ts'

/** What the settings file of the Python app holds for us. */
export interface PythonSettings {
  readonly patch: Pick<SettingsPatch, 'transcription'>
  /** Plain text in the old file; never in ours. */
  readonly secrets: { readonly authToken?: string; readonly deepgramKey?: string }
  /** Sentences for the user, without secrets. */
  readonly imported: readonly string[]
  readonly problems: readonly string[]
}

const FIELDS = [
  'mode',
  'server_url',
  'auth_token',
  'byok_api_key',
  'deepgram_model',
  'language',
] as const
type Field = (typeof FIELDS)[number]
type Found = Partial<Record<Field, string>>

/** The newer section comes last: it wins where both name a field. */
const SECTIONS = ['remote_processing', 'remote'] as const

/** Longer than any of these values is. */
const VALUE_CHARS_MAX = 4096
/** What a file of another kind is full of need not all be listed. */
const PROBLEMS_MAX = 20
/** What can stand in the header of a request, as keys and tokens do. */
const SECRET = /^[\x21-\x7e]+$/

const MODE_NAMES = {
  local: 'Local',
  managed: 'Remote – Managed',
  byok: 'Remote – BYOK',
} as const satisfies Record<Settings['transcription']['mode'], string>

/**
 * Reads the sections `remote_processing` and `remote` of the Python app's YAML. Pure; never throws:
 * what cannot be used is a problem, and the rest is taken. Tags make no objects here, and aliases
 * are refused.
 */
export function readPythonSettings(text: string): PythonSettings {
  const root = parseYaml(text)
  if (typeof root === 'string') return nothing(root)
  const problems: string[] = []
  const found: Found = {}
  for (const name of SECTIONS) Object.assign(found, readSection(name, root[name], problems))
  if (SECTIONS.every((name) => root[name] === undefined)) {
    const sections = SECTIONS.join(' nor ')
    return nothing(`The file has neither ${sections}: it is not a settings file of the old app.`)
  }
  const { patch, imported } = toPatch(found, problems)
  const { auth_token: authToken, byok_api_key: deepgramKey } = found
  const secrets = { ...(authToken && { authToken }), ...(deepgramKey && { deepgramKey }) }
  return { patch, secrets, imported, problems: problems.slice(0, PROBLEMS_MAX) }
}

/** The file's content, or a sentence about why it has none. The parser's own words quote the file. */
function parseYaml(text: string): Record<string, unknown> | string {
  try {
    const document = parseDocument(text.replace(/^\uFEFF/, ''), {
      uniqueKeys: false,
      logLevel: 'error',
      // They cost a look at the whole file for each error.
      prettyErrors: false,
    })
    const [error] = document.errors
    if (error) {
      const line = text.slice(0, error.pos[0]).split('\n').length
      return `The file is not valid YAML (line ${line}): nothing was imported.`
    }
    const root: unknown = document.toJS({ maxAliasCount: 0 })
    if (isObject(root)) return root
    return 'The file is empty or holds no settings: nothing was imported.'
  } catch {
    return 'The file cannot be read as YAML without aliases: nothing was imported.'
  }
}

function readSection(name: string, section: unknown, problems: string[]): Found {
  const found: Found = {}
  if (section === undefined || section === null) return found
  if (!isObject(section)) {
    problems.push(`${name} is no section with fields: it was left out.`)
    return found
  }
  for (const [key, value] of Object.entries(section)) {
    const field = FIELDS.find((one) => one === key)
    if (!field) {
      problems.push(`A field${quoted(key)} of ${name} means nothing here: it was left out.`)
    } else if (typeof value === 'string' && value.length <= VALUE_CHARS_MAX) {
      // An empty field names nothing: the other section may.
      if (value.trim() !== '') found[field] = value.trim()
      if (isSecret(field) && found[field] !== undefined && !SECRET.test(found[field])) {
        delete found[field]
        problems.push(`${name}.${field} has characters that it cannot have: it was left out.`)
      }
    } else if (value !== null) problems.push(`${name}.${field} is not a text: it was left out.`)
  }
  return found
}

function toPatch(found: Found, problems: string[]) {
  const imported: string[] = []
  let transcription: Partial<Settings['transcription']> = {}

  /** Takes a field if our own schema does. */
  function take(field: Field, value: Partial<Settings['transcription']>, sentence: string): void {
    try {
      applyPatch(settingsSchema.parse({}), { transcription: value })
      transcription = { ...transcription, ...value }
      imported.push(sentence)
    } catch (error) {
      if (!(error instanceof z.ZodError)) throw error
      problems.push(`${field}${quoted(found[field] ?? '')} is not valid: it was left out.`)
    }
  }

  const mode = TRANSCRIPTION_MODES.find((one) => one === found.mode?.toLowerCase())
  if (mode) take('mode', { mode }, `Transcription mode: ${MODE_NAMES[mode]}.`)
  else if (found.mode !== undefined) {
    problems.push(`mode${quoted(found.mode)} is none of ours: it was left out.`)
  }
  if (found.server_url !== undefined) {
    const serverUrl = toServerUrl(found.server_url)
    take('server_url', { serverUrl }, `Server: ${serverUrl}.`)
  }
  if (found.deepgram_model !== undefined) {
    const deepgramModel = found.deepgram_model
    take('deepgram_model', { deepgramModel }, `Deepgram model: ${deepgramModel}.`)
  }
  if (found.language !== undefined) {
    const { language } = found
    take('language', { language }, `Language: ${language}.`)
  }
  const isEmpty = Object.keys(transcription).length === 0
  return { patch: isEmpty ? {} : { transcription }, imported }
}

/** The old app was given the address of the audio socket; ours is that of the server. */
function toServerUrl(text: string): string {
  const http = text.replace(/^ws(s?):/i, 'http$1:')
  if (!URL.canParse(http)) return http
  const { protocol, host, pathname } = new URL(http)
  const path = pathname.replace(/\/ws(\/transcribe)?\/?$/, '').replace(/\/+$/, '')
  // Without a name and password that may stand in it.
  return `${protocol}//${host}${path}`
}

function nothing(problem: string): PythonSettings {
  return { patch: {}, secrets: {}, imported: [], problems: [problem] }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isSecret(field: Field): boolean {
  return field === 'auth_token' || field === 'byok_api_key'
}

/** Only a plain word: what stands in a wrong place may be a key or a password. */
function quoted(text: string): string {
  return /^[a-z][a-z _-]{0,30}$/i.test(text) ? ` "${text}"` : ''
}
