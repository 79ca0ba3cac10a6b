import { AUTH_TIMEOUT_MS } from '@saywire/protocol'

/** Every bound of the audio WebSocket in one place. Times in ms, sizes in bytes. */
export interface StreamLimits {
  /** From the upgrade to a valid `auth` message. */
  readonly authTimeoutMs: number
  /** Sockets that have not authenticated, over all addresses and per address; both WebSockets. */
  readonly unauthenticatedMax: number
  readonly unauthenticatedMaxPerAddress: number
  /** Sessions at once on this process; beyond it the answer is `busy`. */
  readonly sessionsMax: number
  /**
   * Share of its time that the process may be at work before new sessions are `busy`, too: those that
   * run must not wait for each other. Sessions below `sessionsAlways` cannot be what keeps it at work.
   */
  readonly loadMax: number
  readonly sessionsAlways: number
  /** Sessions of one user at once, over all processes; beyond it: `too_many_connections`. */
  readonly sessionsMaxPerUser: number
  /** Left credit, in seconds of audio, at which a client is warned. */
  readonly creditsLowSeconds: readonly number[]
  /** Credit and row must be known within this time, or the client is told to try again. */
  readonly admissionTimeoutMs: number
  /** A session's settings may change once in this time. */
  readonly configureIntervalMs: number
  /** Malformed messages that one session ignores before it ends with `bad_message`. */
  readonly malformedMax: number
  /** Neither audio nor keepalive for this long ends the session with reason `idle`. */
  readonly idleMs: number
  /** How often acknowledgements and liveness are brought up to date. */
  readonly tickMs: number
  /** A client that is not heard for so long, be it only a pong, is gone: found a tick later. */
  readonly pongTimeoutMs: number
  /**
   * While the network is not read, because a session has to wait and enough is read ahead, nobody is
   * heard: so much of that time does not count.
   */
  readonly unreadMaxMs: number
  /** A client that was cut off may go on with its session for so long. */
  readonly resumeWindowMs: number
  /**
   * Audio that a session may send again without paying for it again: so much for all of a user's
   * sessions of a day, and this share of what it was billed itself. Enough for many cuts; too little to be transcribed for free by cutting on purpose.
   */
  readonly replayFreeMs: number
  readonly replayFreeShare: number
  /** How long a resumed session waits for its next token to be on the books. */
  readonly ticketTimeoutMs: number
  /** Finals kept for a client until it has them: so many, of so many bytes. */
  readonly keptFinalsMax: number
  readonly keptFinalsMaxBytes: number
  /** Messages of a client that are read ahead, in all, while the session does not take them. */
  readonly readAheadMaxBytes: number
  /** Audio that waits for the backend before the client's socket is no longer read. */
  readonly upstreamBufferMaxMs: number
  /** A backend that is behind by so much for so long is lost. */
  readonly upstreamStallMs: number
  /** Unsent bytes to a slow client above which interims are dropped. */
  readonly interimDropBytes: number
  /** Unsent bytes to a slow client above which it is cut off. */
  readonly clientBufferMaxBytes: number
  /** Flushing the last finals of a session may take this long. */
  readonly flushTimeoutMs: number
  /** On shutdown everything is over within this time. */
  readonly drainTimeoutMs: number
}

/** In force where the configuration says nothing else. */
export const defaultStreamLimits: StreamLimits = {
  authTimeoutMs: AUTH_TIMEOUT_MS,
  unauthenticatedMax: 500,
  unauthenticatedMaxPerAddress: 10,
  sessionsMax: 150,
  loadMax: 0.5,
  sessionsAlways: 100,
  sessionsMaxPerUser: 2,
  creditsLowSeconds: [300, 60],
  admissionTimeoutMs: 8000,
  configureIntervalMs: 1000,
  malformedMax: 20,
  idleMs: 60_000,
  tickMs: 1000,
  pongTimeoutMs: 15_000,
  unreadMaxMs: 30_000,
  resumeWindowMs: 60_000,
  replayFreeMs: 120_000,
  replayFreeShare: 0.25,
  ticketTimeoutMs: 1000,
  keptFinalsMax: 1000,
  keptFinalsMaxBytes: 1024 * 1024,
  readAheadMaxBytes: 512 * 1024,
  upstreamBufferMaxMs: 8000,
  upstreamStallMs: 10_000,
  interimDropBytes: 256 * 1024,
  clientBufferMaxBytes: 4 * 1024 * 1024,
  flushTimeoutMs: 30_000,
  drainTimeoutMs: 10_000,
}
