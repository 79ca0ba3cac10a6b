import type { TranscribeConfig } from '@saywire/protocol'
import type { SpeechEvent } from './speech-event.ts'

export interface SpeechOptions {
  /** What to recognise and how; fields that an engine cannot honour are ignored. */
  readonly config: TranscribeConfig
  /** Capture-clock position, in ms, of the first sample that will be written. Default 0. */
  readonly startMs?: number
  /**
   * A session of this same engine that was lost, to go on with. An engine that cannot (or cannot any
   * more) opens a new one, and `resumedFromMs` is undefined.
   */
  readonly resume?: SpeechResume
}

export interface SpeechResume {
  readonly session: SpeechSession
  /** Every final up to here has arrived: ms on the clock of that session's events. */
  readonly horizonMs: number
}

/**
 * One way of turning speech into text. Opening is where everything can fail that is known before
 * audio flows: credentials, credit, model, capacity.
 */
export interface SpeechEngine {
  /**
   * Speech is recognised elsewhere, for money and over a network: where nothing comes of it, that may
   * be at fault. Default: on this machine, which may take as long as it needs.
   */
  readonly isRemote?: boolean
  /**
   * Resolves when the backend is ready for audio.
   * Aborting `signal` at any time, also after opening, drops the session at once: its events end
   * without further finals. With a SpeechError as the reason it is lost rather than given up, and
   * can be gone on with by `SpeechOptions.resume`.
   * @throws SpeechError
   */
  open(options: SpeechOptions, signal: AbortSignal): Promise<SpeechSession>
  /**
   * Gets what open() would have to wait for (a process, its model) and keeps it until cool() or
   * dispose(), with or without sessions. Idempotent; where what was kept is lost, the next call gets it again.
   * Absent where an engine has nothing to prepare.
   * @throws SpeechError as open() would; then nothing is kept
   */
  warm?(): Promise<void>
  /** What warm() got need not be kept any more: without sessions it goes at once, else after them. */
  cool?(): void
  /** Frees what the engine holds between sessions (child processes). Sessions must be closed. */
  dispose?(): Promise<void>
}

/** One running transcription. Not for sharing: one writer, one reader of `events`. */
export interface SpeechSession {
  /** What transcribes, for people: `whisper base.en`, `deepgram nova-3`. */
  readonly backend: string
  /**
   * Present where this goes on with `SpeechOptions.resume`: the position, in ms on that session's
   * clock, of the first sample that is to be written. Events keep that session's clock, and `usage`
   * counts on; a final that had arrived before may come again.
   */
  readonly resumedFromMs?: number
  /**
   * Decodes with what a busy machine has left, and tells nothing of audio without words: when it is
   * late that is load and no fault. Default: within seconds all audio has its answer, an empty final
   * where there were no words.
   */
  readonly mayTakeLong?: true
  /**
   * Takes PCM s16le, 16 kHz, mono: any even number of bytes. Never blocks, never throws; after
   * close() or an error it does nothing. The buffer belongs to the session from then on: the
   * caller must not write into it again.
   */
  write(pcm: Uint8Array): void
  /**
   * Audio written but not yet taken by the backend, in ms. A live source ignores it; a file
   * that is read faster than real time waits while it is above a few seconds.
   */
  readonly bufferedMs: number
  /**
   * Capture-clock position, ms, up to which every word has its final and silence is known to be
   * silence; undefined where the engine does not know of silence. Never decreases.
   */
  readonly horizonMs?: number
  /** Asks for the final of everything written so far, without waiting for a pause. */
  finalize(): void
  /**
   * No more audio: flushes the last finals, then ends `events`. Resolves when they have ended;
   * idempotent. Bounded in time by the engine, and never rejects.
   */
  close(): Promise<void>
  /** Ends after close(), after an `error` event, or on abort. */
  readonly events: AsyncIterable<SpeechEvent>
}
