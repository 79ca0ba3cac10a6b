import type { SpeechEngine, SpeechError, SpeechEvent, SpeechSession } from '@saywire/speech'
import { msToBytes } from '@saywire/speech'
import { createCommittedHorizon } from './committed-horizon.ts'
import { createEngineClock, FILLED_GAP_MS } from './engine-clock.ts'
import { createEngineEntry, PRE_ROLL_MS } from './engine-entry.ts'
import { createEngineFeed } from './engine-feed.ts'
import type { Link } from './engine-link.ts'
import { answersAll, newLink, resumeOf } from './engine-link.ts'
import type { EngineWatchDeps } from './engine-watch.ts'
import { createEngineWatch } from './engine-watch.ts'
import { createEngineWords } from './engine-words.ts'
import type { LatencyTracker } from './latency.ts'
import type { EngineChoice, OpenedEngine } from './open-engine.ts'
import {
  asSpeechError,
  endedByItself,
  notKept,
  openEngine,
  outrun,
  saysNothing,
} from './open-engine.ts'
import type { Clock, GapReason, ReplayStore } from './ports.ts'
import { createReplayAudio } from './replay-audio.ts'

/** Audio that is kept in memory for an engine that has to hear it again: 1.9 MB. */
const REPLAY_MS = 60_000

export interface EngineLineDeps {
  readonly clock: Clock
  readonly latency: LatencyTracker
  /** Where audio waits that memory has no room for. Default: the oldest is gone. */
  readonly replayStore?: ReplayStore | undefined
  /** What may be speech. Default: as the sound says. */
  readonly speechActivity?: EngineWatchDeps['activity']
  /** What the engine says, on the capture clock; `error` is told by onFailed instead. */
  onEvent(event: SpeechEvent): void
  onOpened(): void
  onFailed(error: SpeechError): void
  /** The engine ended its events without an error. */
  onEnded(): void
  onStandbyOpened(): void
  onStandbyFailed(error: SpeechError): void
  /** For want of an engine this much audio was never heard, nor will it be. */
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
  /**
   * Opens an engine in place of the present one; it hears all that has no final yet. One that was
   * lost a moment ago goes on with the same session, if it can.
   */
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

/**
 * Whenever an engine takes over it is fed from the committed horizon, less a pre-roll, and only
 * its words from the horizon on are passed on; a session that is gone on with gets exactly what it
 * lacks. So each word comes once and in order, however often and for whatever reason engines change.
 */
export function createEngineLine(deps: EngineLineDeps): EngineLine {
  const { clock, latency } = deps
  const times = createEngineClock()
  const replay = createReplayAudio(REPLAY_MS, deps.replayStore)
  const horizon = createCommittedHorizon(times, (horizonMs) => {
    times.forgetBefore(horizonMs - REPLAY_MS)
    replay.forgetBefore(horizonMs - PRE_ROLL_MS)
  })
  const words = createEngineWords({ clock, latency, times, horizon, onEvent: deps.onEvent })
  const watch = createEngineWatch({
    clock,
    activity: deps.speechActivity,
    onSpeech: horizon.onSpeech,
    onFault(error) {
      if (current) lose(current, error)
    },
  })
  const entry = createEngineEntry({ times, replay, horizon, onUnheard: deps.onUnheard })
  const retired = new Set<Link>()
  let current: Link | undefined
  let standby: Link | undefined
  /** The last one that was lost while it listened, until its engine is open again. */
  let lost: Link | undefined
  /** The last engine ended by itself, having said all that it had. */
  let hasSaidAll = false

  /** Gives an opened engine all that it has not heard; from then on it hears what comes. */
  function feed(link: Link, { engine, session }: OpenedEngine): void {
    const { former } = link
    const { resumedFromMs } = session
    link.former = undefined
    if (lost?.engine === engine) lost = undefined
    const isResumed = former !== undefined && resumedFromMs !== undefined
    const fromMs = isResumed ? entry.goOn(link, former, resumedFromMs) : entry.begin(link)
    if (fromMs === undefined) return lose(link, notKept(), false)
    link.fedAtMs = clock.nowMs()
    link.fromMs = horizon.ms
    const isRemote = engine.isRemote ?? false
    const onStarved = () => lose(link, notKept(), false)
    const way = { session, clock, times, replay, fromMs, isResumed, isPaced: isRemote, onStarved }
    const fed = createEngineFeed(way)
    link.feed = fed
    latency.onReplay(horizon.ms, clock.nowMs())
    if (isRemote && link === current) watch.watch(() => fed.waitingMs, session.mayTakeLong ?? false)
  }

  function finalize(): void {
    current?.feed?.finalize()
  }

  async function listen(link: Link, session: SpeechSession): Promise<void> {
    let error: SpeechError | undefined
    try {
      for await (const event of session.events) {
        if (event.type === 'error') error = event.error
        else if (event.type === 'usage') words.account(link, event.audioMs)
        else if (link === current) hear(link, event)
        else if (link === standby) link.early.push(event)
        else if (!retired.has(link)) return
      }
    } catch (cause) {
      error = asSpeechError(cause)
    }
    if (link === standby) loseStandby(link, error ?? endedByItself())
    else if (error) lose(link, error)
    else if (link === current) {
      leave()
      hasSaidAll = true
      deps.onEnded()
    }
  }

  function hear(link: Link, event: SpeechEvent): void {
    watch.heard(event)
    words.take(link, event)
  }

  /** There is no current engine from then on. */
  function leave(): void {
    current?.feed?.stop()
    current = undefined
    watch.rest()
  }

  function lose(link: Link, error: SpeechError, canGoOn = true): void {
    if (link !== current) return
    leave()
    const { resumeFromMs } = error
    if (link.session && resumeFromMs !== undefined) horizon.commit(link.baseMs + resumeFromMs)
    link.acceptedMs = Math.max(horizon.ms, link.baseMs + link.usageMs)
    if (link.session && canGoOn) lost = link
    link.abort.abort(error)
    deps.onFailed(error)
  }

  function loseStandby(link: Link, error: SpeechError): void {
    if (link !== standby) return
    standby = undefined
    link.abort.abort(error)
    deps.onStandbyFailed(error)
  }

  function retire(link: Link | undefined): void {
    link?.feed?.stop()
    if (!link?.session) return link?.abort.abort()
    retired.add(link)
    void link.session.close().then(() => retired.delete(link))
  }

  function addAudio(pcm: Uint8Array): void {
    const arrivedAtMs = clock.nowMs()
    replay.append(pcm)
    times.addAudio(pcm.byteLength)
    watch.wrote(pcm, times.audioMs)
    const fed = current?.feed
    if (current && fed) {
      fed.add(pcm)
      const listenedMs = arrivedAtMs - current.fedAtMs
      const heardMs = times.audioMs - fed.waitingMs
      const isDead = answersAll(current) && horizon.isDead(heardMs, listenedMs)
      // Not gone on with: what its server would go on with is dead, too.
      if (isDead) lose(current, saysNothing(), false)
      else horizon.commitSilence(heardMs, listenedMs, current.interimFromMs)
    }
    latency.onFrame(times.audioMs, arrivedAtMs, fed ? clock.nowMs() : Number.NaN)
  }

  /** @param onOpened told while the link is still wanted */
  function dial(
    choice: EngineChoice,
    link: Link,
    isWanted: () => boolean,
    onOpened: (opened: OpenedEngine) => void,
    onFailed: (error: SpeechError) => void,
  ): void {
    const resume = (engine: SpeechEngine) => {
      // Beside an engine that speaks, a lost session would be sent what that one captions.
      if (!lost || current?.session) return undefined
      const wanted = resumeOf(lost, engine, choice.config, horizon.ms)
      if (wanted) link.former = lost
      return wanted
    }
    void openEngine(choice, clock.after, link.abort.signal, resume).then((opened) => {
      if (!isWanted()) return link.abort.abort()
      Object.assign(link, opened)
      onOpened(opened)
      void listen(link, opened.session)
    }, onFailed)
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
      return current?.feed?.waitingMs ?? times.audioMs - horizon.ms
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
      leave()
      const link = newLink(choice)
      current = link
      hasSaidAll = false
      const onOpened = (opened: OpenedEngine) => {
        feed(link, opened)
        if (link === current) deps.onOpened()
      }
      const onFailed = (error: SpeechError) => lose(link, error)
      dial(choice, link, () => link === current, onOpened, onFailed)
    },
    openStandby(choice) {
      dropStandby()
      const link = newLink(choice)
      standby = link
      const onFailed = (error: SpeechError) => loseStandby(link, error)
      const onOpened = ({ session }: OpenedEngine) => {
        // Another engine came in meanwhile: this one would be sent what that one captions.
        if (session.resumedFromMs !== undefined && current?.session) onFailed(outrun())
        else deps.onStandbyOpened()
      }
      dial(choice, link, () => link === standby, onOpened, onFailed)
    },
    dropStandby,
    swap() {
      const link = standby
      const { engine, session } = link ?? {}
      if (!link || !engine || !session) return
      standby = undefined
      retire(current)
      leave()
      current = link
      feed(link, { engine, session })
      for (const event of link.early.splice(0)) if (link === current) hear(link, event)
    },
    close: () => current?.feed?.close(),
    abort() {
      dropStandby()
      for (const link of retired) link.abort.abort()
      current?.abort.abort()
      leave()
      replay.close()
      if (!hasSaidAll && horizon.unansweredMs > 0) deps.onUnheard(horizon.unansweredMs)
    },
  }
}
