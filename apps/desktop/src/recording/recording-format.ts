import { z } from 'zod'

/** Raised with each change of meaning; an older Saywire refuses what it cannot read. */
export const RECORDING_VERSION = 1

/**
 * An error without its message: codes and times are all that a session decides by, and free text
 * could name somebody's folder, server or account.
 */
const recordedError = z.strictObject({
  code: z.string().max(40),
  retryable: z.boolean().optional(),
  retryAfterMs: z.number().optional(),
  resumeFromMs: z.number().optional(),
})
export type RecordedError = z.infer<typeof recordedError>

const span = { startMs: z.number(), endMs: z.number() }
const word = z.strictObject({ text: z.string(), ...span, confidence: z.number() })
const transcript = { text: z.string(), ...span, confidence: z.number(), words: z.array(word) }
const recordedEvent = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('interim'),
    ...transcript,
    /** Left out where the engine promises nothing. */
    committedWords: z.int().nonnegative().optional(),
  }),
  z.strictObject({ type: z.literal('final'), ...transcript, speechFinal: z.boolean() }),
  z.strictObject({ type: z.literal('utterance-end'), lastWordEndMs: z.number() }),
  z.strictObject({ type: z.literal('speech-started'), atMs: z.number() }),
  z.strictObject({ type: z.literal('usage'), audioMs: z.number() }),
  z.strictObject({ type: z.literal('receipt'), audioMs: z.number() }),
  z.strictObject({ type: z.literal('credits-low'), secondsRemaining: z.number() }),
  z.strictObject({ type: z.enum(['reconnecting', 'recovered']) }),
  z.strictObject({ type: z.literal('error'), error: recordedError }),
])
/** What an engine said, on its own clock, before the session made captions of it. */
export type RecordedEvent = z.infer<typeof recordedEvent>

/** A session of an engine: `chosen 1`, `fallback 2`, and after a switch `chosen-2 1`. */
const session = z.string().max(60)
/** `250 ms #2`: the second that was set for so long. */
const timer = z.string().max(60)
/** Language, model and the like; no terms that the user listed. */
const config = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))

/** It was too large, the disk did not take it, or the user did not wish for it any more. */
const cutReason = z.enum(['size', 'disk', 'wish'])
export type CutReason = z.infer<typeof cutReason>

/** Of every entry. */
const at = {
  /** Since the session began, whole ms; never decreases. */
  ms: z.int(),
  /** Came in one go with the input before: nothing had followed from that yet. */
  isJoined: z.literal(true).optional(),
  /** Audio that waits, in ms, of each session where it is another than at the entry before. */
  bufferedMs: z.record(session, z.number()).optional(),
}

/** What reached the session, in this order: all that a replay is made of. */
const inputs = [
  z.strictObject({
    type: z.literal('audio'),
    ...at,
    bytes: z.int().min(0).max(1_000_000),
    /** PCM in base64, where the user wished for it. */
    pcm: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal('gap'),
    ...at,
    durationMs: z.number(),
    reason: z.enum(['lost', 'muted', 'switched', 'silent']),
  }),
  /** Devices are numbered as they appear; null is none. */
  z.strictObject({ type: z.literal('device'), ...at, device: z.int().nullable() }),
  z.strictObject({ type: z.literal('source-over'), ...at, error: recordedError.optional() }),
  /** This timer of the session's came due. */
  z.strictObject({ type: z.literal('timer'), ...at, timer }),
  z.strictObject({
    type: z.literal('opened'),
    ...at,
    session,
    backend: z.string().max(80),
    /** The engine is not on this machine. */
    isRemote: z.literal(true).optional(),
    mayTakeLong: z.literal(true).optional(),
    resumedFromMs: z.number().optional(),
  }),
  z.strictObject({ type: z.literal('refused'), ...at, session, error: recordedError }),
  z.strictObject({ type: z.literal('heard'), ...at, session, event: recordedEvent }),
  /** The events of an engine's session ended; with an error where they broke off. */
  z.strictObject({ type: z.literal('over'), ...at, session, error: recordedError.optional() }),
  /** The fall-back was there when the session asked for it, or was not; asks count from 1. */
  z.strictObject({
    type: z.literal('fallback'),
    ...at,
    ask: z.int(),
    engine: session.optional(),
    error: recordedError.optional(),
  }),
  z.strictObject({ type: z.literal('mute'), ...at, isMuted: z.boolean() }),
  z.strictObject({ type: z.literal('stop'), ...at }),
  z.strictObject({ type: z.literal('retry-chosen'), ...at }),
  z.strictObject({ type: z.literal('set-fallback'), ...at, isUsable: z.boolean() }),
  z.strictObject({ type: z.literal('switch-engine'), ...at, config: config.optional() }),
  z.strictObject({ type: z.literal('reconfigure'), ...at, config }),
] as const

/** What the session made of it: for people, and to compare a replay with. */
const outputs = [
  z.strictObject({ type: z.literal('open'), ...at, session, config }),
  /** From this frame on, counted as they were listened to, there was speech, or none. */
  z.strictObject({ type: z.literal('speech'), ...at, frame: z.int(), isSpeech: z.boolean() }),
  /** It will not come due. */
  z.strictObject({ type: z.literal('timer-cancelled'), ...at, timer }),
  /** `digest` is of all captions up to this final, interims too. */
  z.strictObject({ type: z.literal('said'), ...at, text: z.string(), ...span, digest: z.string() }),
  z.strictObject({ type: z.literal('shown'), ...at, indicator: z.string() }),
  z.strictObject({ type: z.literal('end'), ...at, outcome: z.string(), digest: z.string() }),
  /** The session went on, and the recording did not. */
  z.strictObject({ type: z.literal('cut'), ...at, reason: cutReason }),
] as const

export const entrySchema = z.discriminatedUnion('type', [...inputs, ...outputs])
/** A line of a recording after the first. */
export type RecordedEntry = z.infer<typeof entrySchema>
type WithoutTime<Entry> = Entry extends unknown
  ? Omit<Entry, 'ms' | 'isJoined' | 'bufferedMs'>
  : never
/** An entry as wrappers make it: the log adds the time. */
export type EntryBody = WithoutTime<RecordedEntry>

export const headSchema = z.strictObject({
  format: z.literal('saywire-session'),
  version: z.literal(RECORDING_VERSION),
  app: z.string().max(60),
  platform: z.string().max(60),
  startedAt: z.iso.datetime(),
  withAudio: z.boolean(),
  /** Of the session's random numbers. */
  seed: z.int(),
  recovers: z.boolean(),
  hasFallback: z.boolean(),
  isFallbackUsable: z.boolean(),
  /** Audio could wait on the disk. */
  hasReplayStore: z.boolean(),
  startMuted: z.boolean(),
  config,
  /** How captions are made; nothing that names a person, a place or an address. */
  settings: z.record(z.string(), z.unknown()).optional(),
})
/** The first line of a recording. */
export type RecordingHead = z.infer<typeof headSchema>
