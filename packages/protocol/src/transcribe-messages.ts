import { z } from 'zod'
import { transcribeErrorCodeSchema } from './error-codes.ts'
import { transcribeConfigSchema } from './transcribe-config.ts'

/**
 * Messages of the audio WebSocket `/ws/transcribe`. Text messages are JSON objects of these shapes;
 * binary messages from the client are PCM (see audio-format.ts). All `*_ms` are milliseconds of
 * audio counted from the session's first byte.
 */

export const TRANSCRIBE_PATH = '/ws/transcribe'
/** The `auth` message must arrive within this time of connecting. */
export const AUTH_TIMEOUT_MS = 5000
/** Largest text message, in bytes; before `auth` nothing larger than this is read at all. */
export const MAX_TEXT_MESSAGE_BYTES = 16 * 1024

export const authMessageSchema = z.strictObject({
  type: z.literal('auth'),
  token: z.string().min(1).max(4096),
  config: transcribeConfigSchema.default({}),
  /**
   * Goes on with a session of the same user that was cut off, wherever it runs or ran. Without a
   * token, or with one that is not valid any more, a new session starts in that one's place and the
   * old one ends: `ready` then names another session, and `resume_from_ms` 0. Who has lost a session
   * says so here: until its server is known to be gone, it counts as running.
   */
  resume: z
    .strictObject({
      session_id: z.string().regex(/^[\w-]{1,100}$/, 'must be an id as `ready` gave it'),
      /**
       * Of the last `ready`. With it that session itself goes on: one row, one bill, audio counted
       * on from where it was. Valid for 60 s after the connection was lost, and once: as soon as the
       * client has shown that it has the next one. Also after its own `stop`, since its last words
       * may not have arrived; not after the end of its login or its credit, nor after an error of its
       * own making.
       */
      resume_token: z.string().min(1).max(200).optional(),
      /**
       * The client has every final up to here, ms of that session's audio. Finals that end behind it
       * are sent again; without it, those that were sent after the last ping that was answered.
       */
      horizon_ms: z.int().nonnegative().optional(),
    })
    .optional(),
})
export type AuthMessage = z.infer<typeof authMessageSchema>

export const clientMessageSchema = z.discriminatedUnion('type', [
  authMessageSchema,
  /** Asks for the final of everything sent so far. */
  z.strictObject({ type: z.literal('finalize') }),
  /** Says that the client is alive while it sends no audio (muted). */
  z.strictObject({ type: z.literal('keepalive') }),
  /**
   * Changes the named settings for audio sent after it; the others stay. The settings stand in
   * `config`, as in `auth`, or beside `type`.
   */
  z.strictObject({
    type: z.literal('configure'),
    config: transcribeConfigSchema.default({}),
    ...transcribeConfigSchema.shape,
  }),
  /** Last finals, then `session_end`, then close 1000. */
  z.strictObject({ type: z.literal('stop') }),
])
export type ClientMessage = z.infer<typeof clientMessageSchema>
/** A client message as it is sent: fields with defaults may be left out. */
export type ClientMessageInput = z.input<typeof clientMessageSchema>

const ms = z.number().nonnegative()

export const wordSchema = z.object({
  text: z.string(),
  start_ms: ms,
  end_ms: ms,
  confidence: z.number().min(0).max(1),
})

export const transcriptMessageSchema = z.object({
  type: z.literal('transcript'),
  text: z.string(),
  /** False: may still change. True: frozen. */
  is_final: z.boolean(),
  confidence: z.number().min(0).max(1),
  /** True on the final that ends an utterance. */
  speech_final: z.boolean(),
  start_ms: ms,
  end_ms: ms,
  words: z.array(wordSchema),
  /**
   * Of a transcript that is not final: so many of its first words will not change any more, but for
   * case and punctuation. Left out by backends that promise nothing.
   */
  committed_words: z.int().nonnegative().optional(),
})
export type TranscriptMessage = z.infer<typeof transcriptMessageSchema>

/** Why a session ended: orderly, or by the error of that name. */
export const sessionEndReasonSchema = z.enum([
  'stopped',
  'idle',
  'client_gone',
  ...transcribeErrorCodeSchema.options,
])
export type SessionEndReason = z.infer<typeof sessionEndReasonSchema>

export const serverMessageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('ready'),
    session_id: z.string(),
    /** Opens this session again, once; each `ready` brings a new one. */
    resume_token: z.string().optional(),
    /**
     * Position from which the client sends, counted from the first byte of the session's life: 0 for
     * a new one. After a cut this is where the server's copy of the audio ends; on another server,
     * where the words that the client has end. Finals that may not have arrived before the cut are
     * sent again after this: a client drops those that end at or before its own horizon.
     */
    resume_from_ms: z.int().nonnegative(),
    /** What transcribes, for people: `deepgram nova-3`, `whisper base.en`. */
    backend: z.string(),
  }),
  transcriptMessageSchema,
  z.object({ type: z.literal('speech_started'), at_ms: ms }),
  z.object({ type: z.literal('utterance_end'), last_word_end_ms: ms }),
  /** Audio accepted so far. */
  z.object({ type: z.literal('ack'), audio_ms: z.int().nonnegative() }),
  /** The speech backend is being replaced; the session goes on, and nothing has to be sent again. */
  z.object({ type: z.literal('upstream_reconnecting') }),
  z.object({ type: z.literal('upstream_recovered') }),
  z.object({ type: z.literal('credits_low'), seconds_remaining: z.int().nonnegative() }),
  z.object({
    type: z.literal('error'),
    code: transcribeErrorCodeSchema,
    message: z.string(),
    /**
     * Up to here the words are final. After `server_draining`, `upstream_lost`, `busy`, `internal`
     * and `lease_lost` the session can be resumed at once, elsewhere or here.
     */
    resume_from_ms: z.int().nonnegative().optional(),
    retry_after_ms: z.int().nonnegative().optional(),
  }),
  z.object({
    type: z.literal('session_end'),
    seconds_used: z.int().nonnegative(),
    used_ms: z.int().nonnegative(),
    reason: sessionEndReasonSchema,
  }),
])
export type ServerMessage = z.infer<typeof serverMessageSchema>
