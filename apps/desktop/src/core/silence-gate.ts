import { BYTES_PER_MS } from '@saywire/protocol'
import { createSpeechActivity } from '@saywire/speech'
import type { AudioListener, AudioSource, GapReason } from './ports.ts'

/** Silence after which the gate closes: longer than engines wait to end an utterance themselves. */
const HANGOVER_MS = 1000
/** Audio from before the first sound that is passed on with it, so that the word is whole. */
const PRE_ROLL_MS = 500
/** Silence is told in pieces of this length at least. */
const REPORT_MS = 200

export interface SilenceGateOptions {
  readonly enabled: boolean
  /** With each change: silence that was kept back so far, ms. */
  readonly onSaved?: (savedMs: number) => void
}

/** A source that passes speech on, and tells of silence as gaps. */
export interface SilenceGate extends AudioSource {
  setMuted(muted: boolean): void
  /** Takes effect at once, also while it runs; switched off, silence passes as speech does. */
  setEnabled(enabled: boolean): void
}

/** What was not passed on yet: audio, or a gap where there is no `pcm`. */
interface Held {
  readonly durationMs: number
  readonly reason: GapReason
  readonly pcm?: Uint8Array
}

/**
 * Keeps silence from engines that are paid by the second. The gate begins closed. While it is open
 * audio passes untouched, and after a second without speech it closes: from then on audio waits in
 * a pre-roll of 500 to 700 ms, and what leaves it unheard is reported as a gap, `silent`. At the
 * first sound of speech the pre-roll goes out, in order, and the gate is open. Audio and gaps
 * together are exactly as long as what was recorded, so times stay on the capture clock.
 *
 * It stands between the source and the session: engines, replay and failover know only gaps.
 */
export function withSilenceGate(source: AudioSource, options: SilenceGateOptions): SilenceGate {
  let { enabled } = options
  let activity = createSpeechActivity()
  let isMuted = false
  let isOpen = !enabled
  let silentMs = 0
  let savedMs = 0
  /** In order; below 700 ms and the longest frame. */
  let held: Held[] = []
  let heldMs = 0
  let listener: AudioListener | undefined

  function hold(item: Held): void {
    held.push(item)
    heldMs += item.durationMs
  }

  function takeAll(): Held[] {
    const items = held
    held = []
    heldMs = 0
    return items
  }

  /** Lets go of these without passing any audio on. */
  function tellGaps(items: readonly Held[]): void {
    let keptBackMs = 0
    const tellKeptBack = () => {
      if (keptBackMs === 0) return
      savedMs += keptBackMs
      listener?.onGap(keptBackMs, 'silent')
      keptBackMs = 0
      options.onSaved?.(savedMs)
    }
    for (const { durationMs, reason, pcm } of items) {
      if (pcm) {
        keptBackMs += durationMs
        continue
      }
      tellKeptBack()
      listener?.onGap(durationMs, reason)
    }
    tellKeptBack()
  }

  function letOldestGo(): void {
    if (heldMs < PRE_ROLL_MS + REPORT_MS) return
    const leaving: Held[] = []
    while (heldMs > PRE_ROLL_MS) {
      const oldest = held.shift()
      if (!oldest) break
      heldMs -= oldest.durationMs
      leaving.push(oldest)
    }
    tellGaps(leaving)
  }

  function open(): void {
    isOpen = true
    silentMs = 0
    for (const { durationMs, reason, pcm } of takeAll()) {
      if (pcm) listener?.onAudio(pcm)
      else listener?.onGap(durationMs, reason)
    }
  }

  function onAudio(pcm: Uint8Array): void {
    // Whole samples are whole sixteenths of a millisecond, which add up without an error.
    const durationMs = pcm.byteLength / BYTES_PER_MS
    if (isMuted) return listener?.onGap(durationMs, 'muted')
    if (!enabled) return listener?.onAudio(pcm)
    const isSpeech = activity.hear(pcm)
    if (isOpen) {
      listener?.onAudio(pcm)
      silentMs = isSpeech ? 0 : silentMs + durationMs
      if (silentMs >= HANGOVER_MS) isOpen = false
      return
    }
    hold({ durationMs, reason: 'silent', pcm })
    if (isSpeech) open()
    else letOldestGo()
  }

  return {
    name: source.name,
    async run(sessions, signal) {
      listener = sessions
      try {
        await source.run(
          {
            ...sessions,
            onAudio,
            onGap(durationMs, reason) {
              if (held.length === 0) return sessions.onGap(durationMs, reason)
              hold({ durationMs, reason })
              letOldestGo()
            },
          },
          signal,
        )
      } finally {
        tellGaps(takeAll())
      }
    },
    setMuted(muted) {
      isMuted = muted
      source.setMuted?.(muted)
      if (!muted) return
      // Nothing from before may be heard when the user speaks again.
      isOpen = false
      tellGaps(takeAll())
    },
    setEnabled(wanted) {
      if (wanted === enabled) return
      enabled = wanted
      if (!enabled) return open()
      activity = createSpeechActivity()
      isOpen = !isMuted
      silentMs = 0
    },
  }
}
