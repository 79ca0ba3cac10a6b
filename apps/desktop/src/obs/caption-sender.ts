import type { InterimEvent } from '@saywire/speech'
import { committedText } from '@saywire/speech'
import type { CaptionSink } from '../core/ports.ts'
import type { CaptionRoll } from './caption-roll.ts'
import { emptyRoll, nextScreen, rollFinal, rollInterim } from './caption-roll.ts'
import { toCaptionWords } from './caption-text.ts'

export interface CaptionPace {
  /** Least time between two screens. */
  readonly intervalMs: number
  /** Reading time: a line stays until viewers had this long for each of its characters. */
  readonly msPerChar: number
  /** Silence after which the screen is cleared. */
  readonly clearAfterMs: number
}

/** 20 characters a second is what grown-up viewers are held to read at ease. */
export const CAPTION_PACE: CaptionPace = { intervalMs: 600, msPerChar: 50, clearAfterMs: 8_000 }

export interface CaptionSenderDeps {
  /** Hands OBS the text that viewers shall see; empty clears the screen. Rejects where OBS did not take it. */
  send(text: string): Promise<void>
  /** Whether OBS streams and the user wants closed captions. */
  isWanted(): boolean
  /** Whether guesses are shown while they grow. */
  sendsInterims(): boolean
  /** Words were left out that closed captions cannot show; at most once per time of being wanted. */
  onForeignLetters(): void
  /** Performance clock, ms. */
  now(): number
  readonly pace: CaptionPace
}

export interface CaptionSender {
  readonly sink: CaptionSink
  /** To be called when `isWanted` may have changed. */
  refresh(): void
  /** Sends nothing any more. */
  close(): void
}

/**
 * Sends captions at a pace that viewers can read. One request is under way at most; what is said
 * meanwhile waits in the roll, which is bounded and where the last text wins. A request that failed
 * is not repeated: the next screen is newer.
 */
export function createCaptionSender(deps: CaptionSenderDeps): CaptionSender {
  const { pace, now } = deps
  let roll: CaptionRoll = emptyRoll
  let isSending = false
  /** What is on the screen; empty where it is clear. */
  let shown = ''
  let hasTold = false
  let sentAtMs = -Infinity
  /** When viewers have read all that is on the screen. */
  let readAtMs = -Infinity
  let timer: NodeJS.Timeout | undefined

  function schedule(): void {
    clearTimeout(timer)
    if (isSending || !deps.isWanted()) return
    const screen = nextScreen(roll)
    const isShown = screen === undefined || (screen.newChars === 0 && screen.text === shown)
    if (isShown && shown === '') return
    if (isShown) return wait(Math.max(readAtMs, sentAtMs) + pace.clearAfterMs, clear)
    const paceAtMs = sentAtMs + pace.intervalMs
    wait(screen.isScrolled ? Math.max(paceAtMs, readAtMs) : paceAtMs, show)
  }

  function wait(untilMs: number, then: () => void): void {
    timer = setTimeout(then, Math.max(0, untilMs - now()))
  }

  function show(): void {
    const screen = nextScreen(roll)
    if (screen === undefined) return
    roll = screen.seen
    readAtMs = Math.max(now(), readAtMs) + screen.newChars * pace.msPerChar
    void send(screen.text)
  }

  function clear(): void {
    roll = emptyRoll
    void send('')
  }

  async function send(text: string): Promise<void> {
    isSending = true
    shown = text
    sentAtMs = now()
    await deps.send(text).catch(() => undefined)
    isSending = false
    schedule()
  }

  const say = (text: string, turn: typeof rollFinal, isCommitted = false) => {
    if (!deps.isWanted()) return
    const { words, hasForeignLetters } = toCaptionWords(text)
    // What viewers have is never taken back for less of it: the final puts it right.
    if (isCommitted && words.length <= roll.words.length - roll.finalCount) return
    if (hasForeignLetters && !hasTold) deps.onForeignLetters()
    hasTold ||= hasForeignLetters
    roll = turn(roll, words)
    schedule()
  }

  /** Of an engine that tells, only what is certain: a screen that is corrected is hard to read. */
  function guess(event: InterimEvent): void {
    if (event.committedWords === undefined) say(event.text, rollInterim)
    else say(committedText(event), rollInterim, true)
  }

  return {
    sink: {
      onEvent: (event) => {
        if (event.type === 'final') say(event.text, rollFinal)
        if (event.type === 'interim' && deps.sendsInterims()) guess(event)
      },
    },
    refresh: () => {
      if (deps.isWanted()) return schedule()
      // What was said off air is not sent on air.
      clearTimeout(timer)
      roll = emptyRoll
      shown = ''
      hasTold = false
      readAtMs = -Infinity
    },
    close: () => clearTimeout(timer),
  }
}
