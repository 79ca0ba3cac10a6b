import type { SpeechEvent, TranscriptState } from '@saywire/speech'

/** Where audio comes from: a microphone, a file, standard input. */
export interface AudioSource {
  /** What it is, for people: `Microphone (USB Audio)`, `talk.wav`. */
  readonly name: string
  /**
   * Delivers audio until it ends or `signal` is aborted, then resolves: after that no more frames
   * come. Runs once.
   * @throws CaptureError
   */
  run(listener: AudioListener, signal: AbortSignal): Promise<void>
  /**
   * Stops audio where it is recorded, before it goes anywhere; may be called before run(). Where a
   * source has no such switch, the session throws away what it delivers meanwhile.
   */
  setMuted?(muted: boolean): void
}

/** What an AudioSource reports to. None of it may block: audio does not wait. */
export interface AudioListener {
  /** PCM s16le, 16 kHz, mono, about 20 ms (640 B). The buffer is the listener's from then on. */
  onAudio(pcm: Uint8Array): void
  /**
   * Audio of this length is not there; what follows comes after it on the capture clock. While it
   * is muted a source reports the time that went by as it goes, a few times a second.
   */
  onGap(durationMs: number, reason: GapReason): void
  /** The device that is recorded from now on; undefined while there is none. */
  onDevice?(name: string | undefined): void
  /** One sentence for the user: "The microphone stopped; starting it again." */
  onNotice(sentence: string): void
  /**
   * Audio that the engine has not taken yet, in ms. A source that can run ahead of real time waits
   * while it is above a few seconds; a live one ignores it.
   */
  bufferedMs(): number
}

export type GapReason =
  /** Capture stopped, or nobody took the audio in time. */
  | 'lost'
  /** The user was muted. */
  | 'muted'
  /** Another microphone took over. */
  | 'switched'
  /** Nobody spoke, and silence is not sent. */
  | 'silent'

export type CaptureErrorCode =
  /** The path, device or address names nothing. */
  | 'not_found'
  /** It is there but may not be read. */
  | 'not_readable'
  /** It is not audio that Saywire reads. */
  | 'not_audio'
  /** No microphone, or the one there was is gone. */
  | 'no_microphone'
  /** Capture cannot run on this machine as it is set up. */
  | 'capture_unavailable'

/** Why audio does not come. The message is one sentence that tells the user what to do. */
export class CaptureError extends Error {
  override readonly name = 'CaptureError'
  readonly code: CaptureErrorCode

  constructor(code: CaptureErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}

/**
 * Where a session's audio waits for an engine when there is more of it than memory keeps. Nothing
 * here blocks or throws: a store that fails keeps nothing.
 */
export interface ReplayStore {
  /** PCM that follows what was appended before; the oldest goes where there is no room. */
  append(pcm: Uint8Array): void
  /** What there is: the newest that was appended. */
  readonly keptBytes: number
  /** Counted from the oldest byte that is kept; undefined where it cannot be read. */
  read(fromByte: number, toByte: number): Uint8Array | undefined
  /** Removes all of it. More may be appended later. */
  clear(): void
}

/** Where captions go: the terminal, a program, the overlay, a file. */
export interface CaptionSink {
  /** Every engine event in order, with the transcript as it is after the event. */
  onEvent(event: SpeechEvent, transcript: TranscriptState): void
  /** After the last event. */
  close?(): Promise<void>
}

/** Time as a session sees it. Tests have one that moves only when told. */
export interface Clock {
  /** Monotonic, ms; only differences mean something. */
  nowMs(): number
  /** Calls back once after `delayMs`, unless the returned function was called before. */
  after(delayMs: number, callback: () => void): () => void
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
}
