import type { TranscribeConfig } from '@saywire/protocol'
import type { SpeechEngine, SpeechError, SpeechEvent, SpeechSession } from '@saywire/speech'
import { EventQueue } from '@saywire/speech'
import type { FrameHearing } from './frame-hearing.ts'
import { createFrameHearing, FRAME_BYTES } from './frame-hearing.ts'

/** A frame whose word is its number, from 1 on; silence has none. */
export function wordFrame(number: number): Uint8Array {
  const pcm = new Uint8Array(FRAME_BYTES)
  new DataView(pcm.buffer).setUint32(0, number, true)
  return pcm
}

/** The same, which sounds like speech when it comes after others: loud and quiet four times a second. */
export function loudFrame(number: number, word = number): Uint8Array {
  const pcm = wordFrame(word)
  if (number % 12 > 6) return pcm
  const view = new DataView(pcm.buffer)
  for (let at = 4, noise = number; at < FRAME_BYTES; at += 2) {
    noise = (Math.imul(noise, 1_103_515_245) + 12_345) | 0
    view.setInt16(at, noise >> 18, true)
  }
  return pcm
}

export interface FrameEngine extends SpeechEngine {
  /** Taken in order, one by each open(): what it fails with. */
  readonly openErrors: SpeechError[]
  readonly sessions: readonly FrameSession[]
  /** New connections are stalled this way until they flow. */
  opensStalled: 'up' | 'down' | undefined
  /** What each open() waits for. */
  opensAfter: Promise<void> | undefined
  /** Audio that its backend accepted, however often it was connected to. */
  acceptedMs(): number
  /** Whether its backend was ever sent this word. */
  heard(number: number): boolean
  /** Every session that can be gone on with begins anew instead. */
  forget(): void
}

export interface FrameSession extends SpeechSession {
  /** What it was asked for. */
  readonly config: TranscribeConfig
  readonly writtenBytes: number
  readonly isOver: boolean
  /**
   * Fails, or ends without a word where no error is given; what has no final is never told, and
   * what is stalled never arrives.
   */
  cut(error?: SpeechError): void
  /** The connection stays open, and nothing gets through: not to the backend, or not back. */
  stall(way: 'up' | 'down'): void
  /** Everything gets through again. */
  flow(): void
  /** Something beside words. */
  say(event: SpeechEvent): void
}

export interface FrameEngineOptions {
  /** A session that was cut can be gone on with. Default: no. */
  readonly resumes?: boolean
  readonly isRemote?: boolean
  /** Of its sessions. */
  readonly mayTakeLong?: true
}

/**
 * An engine that hears one word in each frame of 20 ms: its number. So every frame that was lost,
 * doubled, swapped or put at a wrong time shows. It says an interim at each frame, and the final
 * of so many words as `finalWords` says in turn.
 */
export function createFrameEngine(
  finalWords: readonly number[] = [5],
  { resumes = false, isRemote = false, mayTakeLong }: FrameEngineOptions = {},
): FrameEngine {
  const openErrors: SpeechError[] = []
  const sessions: FrameSession[] = []
  const all = new Set<FrameHearing>()
  let hearings = new WeakMap<SpeechSession, FrameHearing>()
  const engine: FrameEngine = {
    isRemote,
    opensStalled: undefined,
    opensAfter: undefined,
    openErrors,
    sessions,
    acceptedMs: () => [...all].reduce((sum, { acceptedBytes }) => sum + acceptedBytes / 32, 0),
    heard: (number) => [...all].some((hearing) => hearing.hasHeard(number)),
    forget() {
      hearings = new WeakMap()
    },
    async open({ config, startMs = 0, resume }, signal) {
      await Promise.resolve()
      signal.throwIfAborted()
      const error = openErrors.shift()
      if (error) throw error
      await engine.opensAfter
      signal.throwIfAborted()
      const former = resumes && resume ? hearings.get(resume.session) : undefined
      const hearing = former ?? createFrameHearing(startMs, finalWords, isRemote && !mayTakeLong)
      const resumedFromMs = former && startMs + former.acceptedBytes / 32
      const session: FrameSession = Object.assign(
        frameSession(hearing, resumedFromMs, resume?.horizonMs, engine.opensStalled),
        { config },
        mayTakeLong && { mayTakeLong },
      )
      hearings.set(session, hearing)
      all.add(hearing)
      signal.addEventListener('abort', () => session.cut())
      sessions.push(session)
      return session
    },
  }
  return engine
}

function frameSession(
  hearing: FrameHearing,
  resumedFromMs: number | undefined,
  horizonMs: number | undefined,
  stalled: 'up' | 'down' | undefined,
): Omit<FrameSession, 'config'> {
  const events = new EventQueue<SpeechEvent>()
  const up = createPipe()
  const down = createPipe()
  let writtenBytes = 0
  if (stalled) (stalled === 'up' ? up : down).stall()
  hearing.attach((event) => down.pass(() => events.push(event)), horizonMs)
  return {
    backend: 'frames',
    get bufferedMs() {
      return up.stalledMs
    },
    events,
    ...(resumedFromMs !== undefined && { resumedFromMs }),
    get writtenBytes() {
      return writtenBytes
    },
    get isOver() {
      return events.ended
    },
    write(pcm) {
      if (events.ended) return
      writtenBytes += pcm.byteLength
      up.pass(() => hearing.write(pcm), pcm.byteLength / 32)
    },
    finalize: () => up.pass(() => hearing.finalize()),
    async close() {
      up.pass(() => {
        hearing.finalize()
        down.pass(() => events.end())
      })
    },
    say: (event) => events.push(event),
    stall: (way) => (way === 'up' ? up : down).stall(),
    flow() {
      up.flow()
      down.flow()
    },
    cut(error) {
      up.cut()
      down.cut()
      if (error) events.push({ type: 'error', error })
      events.end()
    },
  }
}

/** One direction of a connection. */
function createPipe() {
  let isCut = false
  let stalled: (() => void)[] | undefined
  let stalledMs = 0
  const take = () => {
    const waiting = stalled ?? []
    stalled = undefined
    stalledMs = 0
    return waiting
  }
  return {
    get stalledMs() {
      return stalledMs
    },
    pass(deliver: () => void, audioMs = 0): void {
      if (isCut) return
      if (!stalled) return deliver()
      stalled.push(deliver)
      stalledMs += audioMs
    },
    stall(): void {
      stalled ??= []
    },
    flow(): void {
      for (const deliver of take()) deliver()
    },
    cut(): void {
      isCut = true
      take()
    },
  }
}
