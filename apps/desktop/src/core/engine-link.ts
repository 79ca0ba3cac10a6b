import type { TranscribeConfig } from '@saywire/protocol'
import type { SpeechEngine, SpeechEvent, SpeechResume, SpeechSession } from '@saywire/speech'
import type { EngineFeed } from './engine-feed.ts'
import type { EngineChoice } from './open-engine.ts'

/** One engine's session, from the moment it is asked for. */
export interface Link {
  readonly abort: AbortController
  readonly config: TranscribeConfig
  engine?: SpeechEngine
  session?: SpeechSession
  /** From the moment on that it listens. */
  feed?: EngineFeed
  /** The link that it asked its engine to go on with. */
  former?: Link | undefined
  /** What a standby says before it listens, which is little. */
  readonly early: SpeechEvent[]
  fedAtMs: number
  /** Audio time at which the interim begins that has no final yet. */
  interimFromMs: number | undefined
  /** Audio time of the first sample that its session was ever given, whole ms. */
  baseMs: number
  /** Only words that lie here or later are new. */
  fromMs: number
  /** What its session was said to have accepted, ms. */
  usageMs: number
  /** Audio time up to which it had got when it was lost. */
  acceptedMs: number
}

export function newLink({ config }: EngineChoice): Link {
  return {
    abort: new AbortController(),
    config,
    early: [],
    fedAtMs: 0,
    interimFromMs: undefined,
    baseMs: 0,
    fromMs: 0,
    usageMs: 0,
    acceptedMs: 0,
  }
}

/**
 * What a new link of this engine may go on with. Not where another engine has got further meanwhile:
 * a session goes on without a hole, so it would be sent, and paid, what has captions already.
 */
export function resumeOf(
  lost: Link,
  engine: SpeechEngine,
  config: TranscribeConfig,
  horizonMs: number,
): SpeechResume | undefined {
  const { session, baseMs, acceptedMs } = lost
  if (!session || lost.engine !== engine || lost.config !== config) return undefined
  return horizonMs > acceptedMs ? undefined : { session, horizonMs: horizonMs - baseMs }
}

/** Within seconds it says something about all audio, words or not; one that does not is dead. */
export function answersAll({ engine, session }: Link): boolean {
  return (engine?.isRemote ?? false) && !session?.mayTakeLong
}
