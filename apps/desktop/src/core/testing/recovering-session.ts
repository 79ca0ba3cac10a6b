import { setImmediate as tick } from 'node:timers/promises'
import type { Word } from '@saywire/speech'
import type { ReplayStore } from '../ports.ts'
import { startSession } from '../session-runner.ts'
import { withSilenceGate } from '../silence-gate.ts'
import { createFakeClock } from './fake-clock.ts'
import type { FrameEngine, FrameEngineOptions } from './frame-engine.ts'
import { createFrameEngine, loudFrame, wordFrame } from './frame-engine.ts'
import { createManualSource } from './manual-source.ts'

/** Of every frame that a source delivers although it is muted. */
const MUTED_WORD = 0xffff

/** Whatever is under way without waiting for the clock. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await tick()
}

export interface SpokenWord {
  readonly text: string
  readonly startMs: number
}

/** A session that recovers, with a clock that moves when told, and frames whose words are their numbers. */
export async function startRecovering(
  options: {
    finalWords?: readonly number[]
    hasFallback?: boolean
    /** Silence is left out, so only talk() is heard. */
    isGated?: boolean
    /** Of the chosen engine and its successors. */
    engine?: FrameEngineOptions
    /** Default: every delay is as long as it can be. */
    random?: () => number
    replayStore?: ReplayStore
    start?: typeof startSession
  } = {},
) {
  const { finalWords = [5], hasFallback = true, engine, random = () => 1 } = options
  const { start = startSession } = options
  const manual = createManualSource()
  const clock = createFakeClock()
  const chosen = createFrameEngine(finalWords, engine)
  const fallback = createFrameEngine(finalWords)
  const engines: FrameEngine[] = [chosen, fallback]
  const spoken: SpokenWord[] = []
  const heard: Word[] = []
  const notices: string[] = []
  let usageMs = 0
  /** Interims that went away although no final and no other interim came for them. */
  let vanished = 0
  let interimShown = false
  let captureMs = 0
  let muted = false
  const session = start({
    engine: chosen,
    source: withSilenceGate(manual.source, { enabled: options.isGated ?? false }),
    config: {},
    sinks: [
      {
        onEvent(event, transcript) {
          if (event.type === 'final') heard.push(...event.words)
          if (event.type === 'usage') usageMs = event.audioMs
          const isShown = transcript.interim !== undefined
          if (interimShown && !isShown && event.type !== 'final') vanished += 1
          interimShown = isShown
        },
      },
    ],
    onNotice: (sentence) => notices.push(sentence),
    recovers: true,
    clock,
    random,
    replayStore: options.replayStore,
    ...(hasFallback && { fallback: async () => fallback }),
  })
  await settle()
  return {
    manual,
    clock,
    chosen,
    fallback,
    session,
    spoken,
    heard,
    notices,
    kind: () => session.status.indicator.kind,
    vanished: () => vanished,
    /** As the sinks were told last. */
    usageMs: () => usageMs,
    /** Of all engines. */
    acceptedMs: () => engines.reduce((sum, { acceptedMs }) => sum + acceptedMs(), 0),
    /** No connection is stalled any more. */
    flow() {
      for (const { sessions } of engines) for (const session of sessions) session.flow()
    },
    /** Each word of a final, as the test spoke it. */
    heardWords: () => heard.map(({ text, startMs }) => ({ text, startMs })),
    speak(frames: number) {
      for (let i = 0; i < frames; i++) {
        if (!muted) spoken.push({ text: String(spoken.length + 1), startMs: captureMs })
        manual.listener?.onAudio(wordFrame(muted ? MUTED_WORD : spoken.length))
        captureMs += 20
      }
    },
    /** Words that sound like speech, as live as they come: the clock goes along. */
    async talk(durationMs: number) {
      for (let ms = 0; ms < durationMs; ms += 20) {
        if (!muted) spoken.push({ text: String(spoken.length + 1), startMs: captureMs })
        manual.listener?.onAudio(
          muted ? loudFrame(captureMs / 20, MUTED_WORD) : loudFrame(spoken.length),
        )
        captureMs += 20
        clock.advance(20)
        // Whatever fails is replaced as it would be: while somebody speaks.
        if (ms % 500 === 0) await settle()
      }
    },
    /** Sound like speech in which nobody says a word. */
    async noise(durationMs: number) {
      for (let ms = 0; ms < durationMs; ms += 20) {
        manual.listener?.onAudio(loudFrame(ms / 20, 0))
        captureMs += 20
        clock.advance(20)
        if (ms % 500 === 0) await settle()
      }
    },
    /** As live as it comes: the clock goes along. */
    silence(durationMs: number) {
      for (let ms = 0; ms < durationMs; ms += 20) {
        manual.listener?.onAudio(wordFrame(0))
        clock.advance(20)
      }
      captureMs += durationMs
    },
    gap(durationMs: number) {
      manual.listener?.onGap(durationMs, 'lost')
      captureMs += durationMs
    },
    mute(on: boolean) {
      muted = on
      session.mute(on)
    },
    live: () => engines.flatMap(({ sessions }) => sessions).findLast(({ isOver }) => !isOver),
    switchEngine() {
      const next = createFrameEngine(finalWords, engine)
      engines.push(next)
      session.switchEngine(next)
    },
    /** Whether anything that was said muted has reached an engine. */
    heardMuted: () => engines.some((one) => one.heard(MUTED_WORD)),
    /** The source is over when the engine listens again; or the user stops without waiting for it. */
    async finish(how: 'completed' | 'stopped' = 'completed') {
      await settle()
      for (let i = 0; i < 50; i++) {
        const { kind } = session.status.indicator
        if (kind === 'out_of_credit') session.retryChosen()
        else if (kind !== 'reconnecting' || how === 'stopped') break
        clock.advance(5000)
        await settle()
      }
      if (how === 'stopped') session.stop()
      else manual.end()
      let isOver = false
      void session.finished.then(() => (isOver = true))
      // What waited for an engine is fed at its pace.
      for (let seconds = 0; seconds < 600; seconds++) {
        await settle()
        if (isOver) break
        clock.advance(1000)
      }
      return session.finished
    },
  }
}

export type RecoveringRun = Awaited<ReturnType<typeof startRecovering>>
