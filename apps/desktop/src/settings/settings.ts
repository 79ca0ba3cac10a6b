import { overlaySchema, overlayStyleSchema } from '@saywire/overlay'
import { z } from 'zod'

/** Raised with each change of meaning; `settings/migrations.ts` leads older files here. */
export const SETTINGS_VERSION = 1

export const TRANSCRIPTION_MODES = ['local', 'managed', 'byok'] as const
export type TranscriptionMode = (typeof TRANSCRIPTION_MODES)[number]

/** A name and password in an address would be kept and shown in plain text. */
const isWithoutPassword = (address: string) => !/^\w+:\/\/[^/?#]*@/.test(address)
const PASSWORD_IN_ADDRESS = { error: 'write it without a name and password' }

/** Address of a managed server. */
export const serverUrlSchema = z
  .url({ protocol: /^https?$/, error: 'it looks like https://host' })
  .max(300)
  .refine(isWithoutPassword, PASSWORD_IN_ADDRESS)

/** BCP 47 tag; `multi` lets the engine detect it. */
export const languageSchema = z
  .string()
  .regex(/^[a-z]{2,8}(-[a-z0-9]{1,8}){0,3}$/i, 'it is a tag such as en or pt-BR')

/** As many and as long as any engine takes (`keyterm` of the protocol). */
export const VOCABULARY_MAX = 100
const TERM_CHARS_MAX = 100
/** Languages that a hotkey goes through. */
export const QUICK_LANGUAGES_MAX = 8

/** The first of those that differ in case alone. */
function unique(texts: readonly string[]): string[] {
  const folded = texts.map((text) => text.toLowerCase())
  return texts.filter((_text, at) => folded.indexOf(folded[at] ?? '') === at)
}

const transcription = z.strictObject({
  mode: z.enum(TRANSCRIPTION_MODES).default('local'),
  language: languageSchema.default('en'),
  /** Names and terms that every engine listens for. */
  vocabulary: z
    .array(
      z
        .string()
        .trim()
        .min(1)
        .max(TERM_CHARS_MAX, `a term has ${TERM_CHARS_MAX} characters at most`),
    )
    .transform(unique)
    .refine(({ length }) => length <= VOCABULARY_MAX, `${VOCABULARY_MAX} terms are the most`)
    .default([]),
  /** English captions, whatever is spoken, where the engine can. */
  translate: z.boolean().default(false),
  /** What the hotkey for the next language goes through, in this order. */
  quickLanguages: z
    .array(languageSchema)
    .transform(unique)
    .refine(({ length }) => length <= QUICK_LANGUAGES_MAX, `${QUICK_LANGUAGES_MAX} are the most`)
    .default([]),
  /** Name in Whisper's model catalogue. */
  localModel: z.string().max(64).default('base.en-q8_0'),
  /** Address of the managed server; empty where none was chosen. */
  serverUrl: z.union([z.literal(''), serverUrlSchema]).default(''),
  deepgramModel: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/i)
    .default('nova-3'),
})

const microphone = z.strictObject({
  /** Names in the order of the user's preference; empty follows the system's default. */
  order: z.array(z.string().min(1).max(300)).max(20).default([]),
  /** What is taken from a device with several channels. */
  channel: z.enum(['mix', 'left', 'right']).default('mix'),
})

const overlay = z.strictObject({
  /** On 127.0.0.1. */
  port: z.int().min(1024).max(65_535).default(8080),
  /** Looks by name. The first is at `/`, each at `/o/<name>`. */
  overlays: z
    .array(overlaySchema)
    .min(1)
    .max(10)
    .refine((overlays) => new Set(overlays.map(({ name }) => name)).size === overlays.length, {
      error: 'Give each overlay a name of its own.',
    })
    .default([{ name: 'main', style: overlayStyleSchema.parse({}) }]),
})

/** Where captions go; each can have its own word rules. */
export const WORD_OUTPUTS = ['window', 'overlay', 'obs', 'files'] as const
export type WordOutput = (typeof WORD_OUTPUTS)[number]
const replaceHere = z.boolean().default(true)
/** Captions say what was said unless the streamer decides otherwise. */
const profanityHere = z.enum(['off', 'mask', 'remove']).default('off')
const WORD_RULES_MAX = 500
const phrase = z.string().trim().min(1).max(100)

const words = z.strictObject({
  /** Whole words or phrases, as typed; an empty `to` removes. */
  replacements: z
    .array(
      z.strictObject({
        from: phrase,
        to: z.string().trim().max(100),
        matchCase: z.boolean().default(false),
      }),
    )
    .max(WORD_RULES_MAX)
    .default([]),
  /** Besides the built-in English list. */
  profaneWords: z.array(phrase).max(WORD_RULES_MAX).default([]),
  /** Shown although they are listed. */
  allowedWords: z.array(phrase).max(WORD_RULES_MAX).default([]),
  replaceIn: z
    .strictObject({
      window: replaceHere,
      overlay: replaceHere,
      obs: replaceHere,
      files: replaceHere,
    })
    .prefault({}),
  profanity: z
    .strictObject({
      window: profanityHere,
      overlay: profanityHere,
      obs: profanityHere,
      files: profanityHere,
    })
    .prefault({}),
})

export const CAPTION_FORMATS = ['txt', 'srt', 'vtt', 'json'] as const
export type CaptionFormat = (typeof CAPTION_FORMATS)[number]

const files = z.strictObject({
  /** The history keeps every session besides. */
  enabled: z.boolean().default(true),
  /** Absolute path; empty is the folder Saywire in the user's documents. */
  folder: z.string().max(1000).default(''),
  /** SRT by default: every video editor and YouTube take it. */
  formats: z.array(z.enum(CAPTION_FORMATS)).max(CAPTION_FORMATS.length).default(['srt']),
  /** In the names of files and in the history. */
  title: z.string().trim().max(200).default(''),
  /** Each line of a TXT begins with its time. */
  timestamps: z.boolean().default(false),
  /** A set of files of its own for each recording of OBS, with times from its start. */
  alignToRecording: z.boolean().default(true),
})

/** Accelerators as Electron writes them (`CommandOrControl+Shift+C`); empty is none. */
const accelerator = z.string().max(60).default('')
export const HOTKEY_ACTIONS = [
  'toggle',
  'start',
  'stop',
  'mute',
  'pushToTalk',
  'nextLanguage',
] as const
export type HotkeyAction = (typeof HOTKEY_ACTIONS)[number]
const hotkeys = z.strictObject({
  toggle: accelerator,
  start: accelerator,
  stop: accelerator,
  mute: accelerator,
  pushToTalk: accelerator,
  nextLanguage: accelerator,
})

const obs = z.strictObject({
  enabled: z.boolean().default(false),
  url: z
    .url({ protocol: /^wss?$/ })
    .refine(isWithoutPassword, PASSWORD_IN_ADDRESS)
    .default('ws://127.0.0.1:4455'),
  /** Native closed captions (SendStreamCaption). */
  sendCaptions: z.boolean().default(true),
  /** Closed captions grow while they are spoken; else they come when they are final. */
  captionInterims: z.boolean().default(true),
  /** Captioning starts and stops with these of OBS. */
  follow: z.enum(['none', 'stream', 'recording', 'either']).default('none'),
  /** OBS input whose mute state is followed; empty is none. */
  muteInput: z.string().max(300).default(''),
})

const app = z.strictObject({
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  /** What closing the window does while captions run; without captions it always quits. */
  closeToTray: z.boolean().default(true),
  firstRunDone: z.boolean().default(false),
  autoUpdate: z.boolean().default(true),
})

/** How captions go on when something fails. */
const continuity = z.strictObject({
  /** Local Whisper speaks while a cloud engine cannot. */
  localFallback: z.boolean().default(true),
  /** Its model is in memory already while a cloud engine speaks, so that it takes over at once. */
  keepWarm: z.boolean().default(true),
  /** Silence is not sent; `auto`: where it would be billed to a Saywire account. */
  silenceGate: z.enum(['auto', 'on', 'off']).default('auto'),
})

/** Minutes; null is without a limit. */
const capMinutes = z.int().min(1).max(100_000).nullable().default(null)
/** What cloud engines may be sent before local Whisper takes over. */
const spendCaps = z.strictObject({
  sessionMinutes: capMinutes,
  dayMinutes: capMinutes,
  monthMinutes: capMinutes,
})

/** What is kept of each session for whoever looks into a fault. */
const recording = z.strictObject({
  enabled: z.boolean().default(false),
  /** The sound too, and not only what was made of it. */
  withAudio: z.boolean().default(false),
})

/**
 * Everything that the user chose, and nothing secret. Each field has a default, so that
 * `settingsSchema.parse({})` is what a new user has.
 */
export const settingsSchema = z.strictObject({
  version: z.literal(SETTINGS_VERSION).default(SETTINGS_VERSION),
  transcription: transcription.prefault({}),
  microphone: microphone.prefault({}),
  overlay: overlay.prefault({}),
  words: words.prefault({}),
  files: files.prefault({}),
  hotkeys: hotkeys.prefault({}),
  obs: obs.prefault({}),
  continuity: continuity.prefault({}),
  spendCaps: spendCaps.prefault({}),
  recording: recording.prefault({}),
  app: app.prefault({}),
})
export type Settings = z.infer<typeof settingsSchema>

/** Some fields of some sections; a field that is named replaces the one there is, whole. */
export type SettingsPatch = {
  readonly [Section in Exclude<keyof Settings, 'version'>]?: Partial<Settings[Section]>
}
