import type { SpeechError, SpeechEvent, SpeechSession } from '@saywire/speech'
import { createReplayBuffer, msToBytes, wordsFrom } from '@saywire/speech'
import { onCaptureClock } from './caption-times.ts'
import { createEngineClock } from './engine-clock.ts'
import type { LatencyTracker } from './latency.ts'
import type { EngineChoice } from './open-engine.ts'
import { asSpeechError, endedByItself, openEngine } from './open-engine.ts'
import type { Clock, GapReason } from './ports.ts'

/** Audio that is kept for an engine that has to hear it again. */
const REPLAY_MS = 60_000
/** Heard again ahead of the horizon, so that the first word does not begin in the middle. */
const PRE_ROLL_MS = 300
/**
 * Where an engine that takes what it is given has shown no word after this time there was none. It
 * is longer than a lost connection goes unnoticed.
 */
const SILENT_AFTER_MS = 30_000
/** Replayed audio is written in pieces of this length. */
const PIECE_MS = 100
/**
 * A shorter gap is filled with silence: what was said around it still belongs together, and
 * recognisers take silence better than a jump in the sound. A longer one is left out.
 */
const FILLED_GAP_MS = 200

export interface EngineLineDeps {
  readonly clock: Clock
  readonly latency: LatencyTracker
  /** What the engine says, on the capture clock; `error` is told by onFailed instead. */
  onEvent(event: SpeechEvent): void
  onOpened(): void
  onFailed(error: SpeechError): void
  /** The engine ended its events without an error. */
  onEnded(): void
  onStandbyOpened(): void
  onStandbyFailed(error: SpeechError): void
  /** No engine could be had for so long that this much audio was never heard. */
  onUnheard(durationMs: number): void
}

/** A session's audio on its way to whichever engine is there, and words on their way back. */
export interface EngineLine {
  readonly backend: string | undefined
  /** Audio that no engine has taken yet, ms. */
  readonly bufferedMs: number
  /** The buffer is the line's from then on. */
  addAudio(pcm: Uint8Array): void
  addGap(durationMs: number, reason: GapReason): void
  /** Asks for the final of what was written since the last time. */
  finalize(): void
  /** Opens an engine in place of the present one; it hears all that has no final yet. */
  open(choice: EngineChoice): void
  /** Opens an engine beside the present one; whatever happens to it is told until it takes over. */
  openStandby(choice: EngineChoice): void
  dropStandby(): void
  /** The opened standby takes over from the present engine, which says nothing any more. */
  swap(): void
  /** No more audio: the engine says its last finals and ends. */
  close(): void
  /** Drops every engine's session at once. */
  abort(): void
}

/** One engine's session, from the moment it is asked for. */
interface Link {
  readonly abort: AbortController
  session?: SpeechSession
  /** When it was given what the one before had left. */
  fedAtMs: number
  /** Audio time at which the interim begins that has no final yet. */
  interimFromMs: number | undefined
  /** Audio time of the first sample that it was given, whole ms. */
  baseMs: number
  /** Only words that lie here or later are new. */
  fromMs: number
}

/**
 * Whenever an engine takes over it is fed from the committed horizon, less a pre-roll, and only
 * its words from the horizon on are passed on: so each word comes once and in order, however often
 * and for whatever reason engines change.
 */
export function createEngineLine(deps: EngineLineDeps): EngineLine {
  const { clock, latency } = deps
  const times = createEngineClock()
  const replay = createReplayBuffer(REPLAY_MS)
  const retired = new Set<Link>()
  let current: Link | undefined
  let standby: Link | undefined
  /** Audio time up to which everything said is final, or nothing was said. Never decreases. */
  let horizonMs = 0
  let hasUnfinalized = false
  let usageMs = 0
  let earlierUsageMs = 0

  /** Gives an opened engine all that has no final yet; from then on it hears what comes. */
  function feed(link: Link, session: SpeechSession): void {
    link.session = session
    link.fedAtMs = clock.nowMs()
    const unheardMs = Math.ceil(replay.startMs) - horizonMs
    if (unheardMs > 0) {
      horizonMs += unheardMs
      deps.onUnheard(unheardMs)
    }
    link.fromMs = horizonMs
    const preRollMs = Math.max(Math.ceil(replay.startMs), Math.floor(horizonMs) - PRE_ROLL_MS)
    // Beyond a gap nothing belongs to what comes; and whoever is muted need not say it again.
    const gapMs = times.gapsBetween(preRollMs, horizonMs, FILLED_GAP_MS).at(-1) ?? preRollMs
    link.baseMs = Math.ceil(gapMs)
    earlierUsageMs = usageMs
    hasUnfinalized = false
    let atMs = link.baseMs
    const writeTo = (endMs: number) => {
      while (atMs < endMs) {
        const pieceEndMs = Math.min(endMs, atMs + PIECE_MS)
        write(session, replay.read(atMs, pieceEndMs))
        atMs = pieceEndMs
      }
    }
    for (const gapAtMs of times.gapsBetween(atMs, times.audioMs, FILLED_GAP_MS)) {
      writeTo(gapAtMs)
      finalize()
    }
    writeTo(times.audioMs)
    latency.onReplay(horizonMs, clock.nowMs())
  }

  function write(session: SpeechSession, pcm: Uint8Array): void {
    session.write(pcm)
    hasUnfinalized = true
  }

  function finalize(): void {
    if (!hasUnfinalized) return
    hasUnfinalized = false
    current?.session?.finalize()
  }

  async function listen(link: Link, session: SpeechSession): Promise<void> {
    try {
      for await (const event of session.events) {
        if (link !== current && link !== standby) return
        if (event.type === 'error') return lose(link, event.error)
        if (link === current) take(link, event)
      }
    } catch (cause) {
      return lose(link, asSpeechError(cause))
    }
    if (link === standby) return lose(link, endedByItself())
    if (link !== current) return
    current = undefined
    deps.onEnded()
  }

  function lose(link: Link, error: SpeechError): void {
    if (link === standby) {
      dropStandby()
      return deps.onStandbyFailed(error)
    }
    if (link !== current) return
    current = undefined
    link.abort.abort()
    if (error.resumeFromMs !== undefined) commit(link.baseMs + error.resumeFromMs)
    deps.onFailed(error)
  }

  function commit(audioMs: number): void {
    horizonMs = Math.max(horizonMs, Math.min(audioMs, times.audioMs))
    times.forgetBefore(horizonMs - REPLAY_MS)
  }

  /** Silence brings no finals; without an end it would be sent, and paid for, again and again. */
  function commitSilence(
    { fedAtMs, interimFromMs = Infinity }: Link,
    session: SpeechSession,
  ): void {
    if (clock.nowMs() - fedAtMs < SILENT_AFTER_MS) return
    commit(Math.min(interimFromMs, times.audioMs - session.bufferedMs - SILENT_AFTER_MS))
  }

  function take(link: Link, event: SpeechEvent): void {
    if (event.type === 'usage') {
      usageMs = Math.max(usageMs, earlierUsageMs + event.audioMs)
      return deps.onEvent({ ...event, audioMs: usageMs })
    }
    if (event.type !== 'interim' && event.type !== 'final') {
      return deps.onEvent(onCaptureClock(event, link.baseMs, times))
    }
    link.interimFromMs = event.type === 'interim' ? link.baseMs + event.startMs : undefined
    if (event.type === 'final') commit(link.baseMs + event.endMs)
    const words = wordsFrom(event, link.fromMs - link.baseMs)
    if (!words) return
    const timed = onCaptureClock(words, link.baseMs, times)
    const wordsEndMs = link.baseMs + (words.words.at(-1)?.endMs ?? words.endMs)
    if (words.text !== '') latency.onCaption(event.type, wordsEndMs, timed.endMs, clock.nowMs())
    deps.onEvent(timed)
  }

  function retire(link: Link | undefined): void {
    if (!link?.session) return link?.abort.abort()
    retired.add(link)
    void link.session.close().then(() => retired.delete(link))
  }

  function addAudio(pcm: Uint8Array): void {
    const arrivedAtMs = clock.nowMs()
    replay.append(pcm)
    times.addAudio(pcm.byteLength)
    const session = current?.session
    if (current && session) {
      write(session, pcm)
      commitSilence(current, session)
    }
    latency.onFrame(times.audioMs, arrivedAtMs, session ? clock.nowMs() : Number.NaN)
  }

  function dropStandby(): void {
    standby?.abort.abort()
    standby = undefined
  }

  return {
    get backend() {
      return current?.session?.backend
    },
    get bufferedMs() {
      return current?.session?.bufferedMs ?? times.audioMs - horizonMs
    },
    addAudio,
    addGap(durationMs, reason) {
      if (reason !== 'muted' && reason !== 'silent' && durationMs < FILLED_GAP_MS) {
        return addAudio(new Uint8Array(msToBytes(Math.max(0, durationMs))))
      }
      times.addGap(durationMs)
      // What was said before belongs together, and what comes after does not belong to it.
      finalize()
    },
    finalize,
    open(choice) {
      current?.abort.abort()
      const link = newLink()
      current = link
      void openEngine(choice, clock.after, link.abort.signal).then(
        (session) => {
          if (link !== current) return link.abort.abort()
          feed(link, session)
          deps.onOpened()
          void listen(link, session)
        },
        (error: SpeechError) => lose(link, error),
      )
    },
    openStandby(choice) {
      dropStandby()
      const link = newLink()
      standby = link
      void openEngine(choice, clock.after, link.abort.signal).then(
        (session) => {
          if (link !== standby) return link.abort.abort()
          link.session = session
          void listen(link, session)
          deps.onStandbyOpened()
        },
        (error: SpeechError) => lose(link, error),
      )
    },
    dropStandby,
    swap() {
      const link = standby
      if (!link?.session) return
      standby = undefined
      retire(current)
      current = link
      feed(link, link.session)
    },
    close: () => void current?.session?.close(),
    abort() {
      dropStandby()
      for (const link of retired) link.abort.abort()
      current?.abort.abort()
      current = undefined
    },
  }
}

function newLink(): Link {
  return {
    abort: new AbortController(),
    fedAtMs: 0,
    interimFromMs: undefined,
    baseMs: 0,
    fromMs: 0,
  }
}
