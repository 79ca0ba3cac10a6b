import { setImmediate as tick } from 'node:timers/promises'
import type { Word } from '@saywire/speech'
import { startSession } from '../session-runner.ts'
import { createFakeClock } from './fake-clock.ts'
import type { FrameEngine } from './frame-engine.ts'
import { createFrameEngine, wordFrame } from './frame-engine.ts'
import { createManualSource } from './manual-source.ts'

/** Whatever is under way without waiting for the clock. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await tick()
}

interface SpokenWord {
  readonly text: string
  readonly startMs: number
}

/** A session that recovers, with a clock that moves when told, and frames whose words are their numbers. */
export async function startRecovering(
  options: {
    finalWords?: readonly number[]
    hasFallback?: boolean
    /** Default: every delay is as long as it can be. */
    random?: () => number
  } = {},
) {
  const { finalWords = [5], hasFallback = true, random = () => 1 } = options
  const manual = createManualSource()
  const clock = createFakeClock()
  const chosen = createFrameEngine(finalWords)
  const fallback = createFrameEngine(finalWords)
  const engines: FrameEngine[] = [chosen, fallback]
  const spoken: SpokenWord[] = []
  const heard: Word[] = []
  const notices: string[] = []
  /** Interims that went away although no final and no other interim came for them. */
  let vanished = 0
  let interimShown = false
  let captureMs = 0
  let muted = false
  const session = startSession({
    engine: chosen,
    source: manual.source,
    config: {},
    sinks: [
      {
        onEvent(event, transcript) {
          if (event.type === 'final') heard.push(...event.words)
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
    /** Each word of a final, as the test spoke it. */
    heardWords: () => heard.map(({ text, startMs }) => ({ text, startMs })),
    speak(frames: number) {
      for (let i = 0; i < frames; i++) {
        if (!muted) spoken.push({ text: String(spoken.length + 1), startMs: captureMs })
        manual.listener?.onAudio(wordFrame(muted ? 0xffff : spoken.length))
        captureMs += 20
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
      const next = createFrameEngine(finalWords)
      engines.push(next)
      session.switchEngine(next)
    },
    async finish() {
      await settle()
      for (let i = 0; i < 50; i++) {
        const { kind } = session.status.indicator
        if (kind === 'out_of_credit') session.retryChosen()
        else if (kind !== 'reconnecting') break
        clock.advance(5000)
        await settle()
      }
      manual.end()
      return session.finished
    },
  }
}

export type RecoveringRun = Awaited<ReturnType<typeof startRecovering>>
