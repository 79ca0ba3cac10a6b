import type { SpeechEngine, SpeechEvent, SpeechSession } from '@saywire/speech'
import { bytesToMs, EventQueue } from '@saywire/speech'
import type { Deferred } from './deferred.ts'
import { createDeferred } from './deferred.ts'
import { reviveEvent, reviveSpeechError } from './recorded-event.ts'
import type { RecordedEntry } from './recording-format.ts'

/** Engines that say what the recording says, when it says so. */
export interface ReplayEngines {
  engine(name: string): SpeechEngine
  /** Asked for by the session; answered by the recording's next `fallback`. */
  fallback(): Promise<SpeechEngine>
  /** Entries that are not about engines do nothing. */
  take(entry: RecordedEntry): void
}

/** A session as recorded; whichever of the session and the recording comes first makes it. */
interface Slot {
  readonly events: EventQueue<SpeechEvent>
  readonly opening: Deferred<SpeechSession>
  /** As of the last entry. */
  bufferedMs: number
  /** Written since, ms. */
  sinceMs: number
}

/** It is known only once it is open whether it is on this machine; the session asks then. */
type ReplayEngine = SpeechEngine & { isRemote: boolean }

export function createReplayEngines(): ReplayEngines {
  const slots = new Map<string, Slot>()
  const asks = new Map<number, Deferred<SpeechEngine>>()
  let asked = 0

  function slot(id: string): Slot {
    const known = slots.get(id)
    if (known) return known
    const fresh: Slot = {
      events: new EventQueue(),
      opening: createDeferred(),
      bufferedMs: 0,
      sinceMs: 0,
    }
    slots.set(id, fresh)
    return fresh
  }

  function ask(number: number): Deferred<SpeechEngine> {
    const known = asks.get(number) ?? createDeferred()
    asks.set(number, known)
    return known
  }

  const engines = new Map<string, ReplayEngine>()
  function named(name: string): ReplayEngine {
    const known = engines.get(name)
    if (known) return known
    let opens = 0
    const engine: ReplayEngine = {
      isRemote: false,
      open: async () => slot(`${name} ${(opens += 1)}`).opening.promise,
    }
    engines.set(name, engine)
    return engine
  }

  return {
    engine: named,
    fallback: async () => ask((asked += 1)).promise,
    take(entry) {
      for (const one of slots.values()) one.sinceMs = 0
      for (const [id, ms] of Object.entries(entry.bufferedMs ?? {})) slot(id).bufferedMs = ms
      switch (entry.type) {
        case 'opened':
          named(entry.session.replace(/ \d+$/, '')).isRemote = entry.isRemote ?? false
          return slot(entry.session).opening.resolve(session(entry, slot(entry.session)))
        case 'refused':
          return slot(entry.session).opening.reject(reviveSpeechError(entry.error))
        case 'heard':
          return slot(entry.session).events.push(reviveEvent(entry.event))
        case 'over':
          return slot(entry.session).events.end()
        case 'fallback':
          if (entry.error) return ask(entry.ask).reject(reviveSpeechError(entry.error))
          return ask(entry.ask).resolve(named(entry.engine ?? 'fallback'))
      }
    },
  }
}

function session(
  { backend, resumedFromMs, mayTakeLong }: Extract<RecordedEntry, { type: 'opened' }>,
  slot: Slot,
): SpeechSession {
  return {
    backend,
    ...(resumedFromMs !== undefined && { resumedFromMs }),
    ...(mayTakeLong && { mayTakeLong }),
    events: slot.events,
    get bufferedMs() {
      return slot.bufferedMs + slot.sinceMs
    },
    write(pcm) {
      slot.sinceMs += bytesToMs(pcm.byteLength)
    },
    finalize: () => undefined,
    close: async () => undefined,
  }
}
