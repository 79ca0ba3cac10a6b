import { setImmediate as tick } from 'node:timers/promises'
import type { Word } from '@saywire/speech'
import { SpeechError } from '@saywire/speech'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { startSession } from './session-runner.ts'
import { createFakeClock } from './testing/fake-clock.ts'
import { createFrameEngine, wordFrame } from './testing/frame-engine.ts'
import type { FrameEngine } from './testing/frame-engine.ts'
import { createManualSource } from './testing/manual-source.ts'

const lost = new SpeechError('upstream_lost', 'Gone.', { retryable: true })
const broke = new SpeechError('insufficient_credits', 'Out of credit.')

/** Whatever is under way without waiting for the clock. */
async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await tick()
}

interface SpokenWord {
  readonly text: string
  readonly startMs: number
}

/** A session that recovers, with frames whose words are their numbers. */
async function start(options: { finalWords?: readonly number[]; hasFallback?: boolean } = {}) {
  const { finalWords = [5], hasFallback = true } = options
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
    speak(frames: number) {
      for (let i = 0; i < frames; i++) {
        if (!muted) spoken.push({ text: String(spoken.length + 1), startMs: captureMs })
        manual.listener?.onAudio(wordFrame(muted ? 0xffff : spoken.length))
        captureMs += 20
      }
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

type Run = Awaited<ReturnType<typeof start>>

function expectEachWordOnce(run: Run): void {
  const heard = run.heard.map(({ text, startMs }) => ({ text, startMs }))
  expect(heard).toEqual(run.spoken)
}

describe('a session whose engine fails', () => {
  it('reconnects with a growing delay and says every word once', async () => {
    const run = await start({ hasFallback: false })
    run.speak(33)
    run.live()?.cut(lost)
    await settle()
    expect(run.session.status.indicator).toMatchObject({ kind: 'reconnecting', attempt: 1 })
    run.chosen.openErrors.push(lost, lost)
    run.speak(20)
    const delays: number[] = []
    while (run.clock.waitingMs.length > 0) {
      delays.push(...run.clock.waitingMs)
      run.clock.advance(delays.at(-1) ?? 0)
      await settle()
    }
    expect(delays).toEqual([250, 500, 1000])
    expect(run.kind()).toBe('listening')
    run.speak(10)
    expect(await run.finish()).toEqual({ kind: 'completed' })
    expectEachWordOnce(run)
  })

  it('falls back at once where credit is out, and returns when it is there again', async () => {
    const run = await start()
    run.speak(33)
    run.live()?.cut(broke)
    await settle()
    expect(run.session.status.indicator).toEqual({
      kind: 'fallback',
      reason: 'out_of_credit',
      sentence: 'Out of credit.',
    })
    run.speak(44)
    run.session.retryChosen()
    run.speak(1)
    await settle()
    expect(run.kind()).toBe('listening')
    expect(run.chosen.sessions).toHaveLength(2)
    run.speak(11)
    await run.finish()
    expectEachWordOnce(run)
  })

  it('tries the chosen engine again each minute, and goes on where that fails', async () => {
    const run = await start()
    run.live()?.cut(lost)
    run.chosen.openErrors.push(lost, lost, lost, lost)
    await settle()
    for (const delayMs of [250, 500, 1000]) {
      run.clock.advance(delayMs)
      await settle()
    }
    expect(run.kind()).toBe('fallback')
    run.clock.advance(60_000)
    run.speak(7)
    await settle()
    expect(run.kind()).toBe('fallback')
    run.clock.advance(60_000)
    await settle()
    expect(run.kind()).toBe('listening')
    run.speak(7)
    await run.finish()
    expectEachWordOnce(run)
  })

  it('keeps listening without credit, and captions what was said once it is there', async () => {
    const run = await start({ hasFallback: false })
    run.speak(12)
    run.live()?.cut(broke)
    await settle()
    expect(run.kind()).toBe('out_of_credit')
    run.speak(200)
    run.session.retryChosen()
    await settle()
    expect(run.kind()).toBe('listening')
    await run.finish()
    expectEachWordOnce(run)
  })

  it('keeps a minute of speech, and states what is older', async () => {
    const run = await start({ hasFallback: false })
    run.speak(10)
    run.live()?.cut(broke)
    await settle()
    run.speak(3500)
    run.session.retryChosen()
    await settle()
    await run.finish()
    expect(run.notices).toEqual(['10 seconds of speech have no captions.'])
    expect(run.heard.map(({ text }) => text)).toEqual([
      ...run.spoken.slice(0, 10).map(({ text }) => text),
      ...run.spoken.slice(-3000).map(({ text }) => text),
    ])
  })

  it('feeds the next engine from where the failed one said', async () => {
    const run = await start({ hasFallback: false })
    run.speak(4)
    const error = new SpeechError('upstream_lost', 'Gone.', { retryable: true, resumeFromMs: 40 })
    run.live()?.cut(error)
    await settle()
    run.clock.advance(250)
    await settle()
    await run.finish()
    expect(run.heard.map(({ text }) => text)).toEqual(['3', '4'])
  })

  it('hears the last words when the engine fails after the user has stopped', async () => {
    const run = await start({ hasFallback: false })
    run.speak(33)
    run.live()?.cut(lost)
    await settle()
    run.session.stop()
    expect(await run.session.finished).toEqual({ kind: 'stopped' })
    expectEachWordOnce(run)
  })

  it('starts with the fall-back where the chosen engine cannot be had', async () => {
    const manual = createManualSource()
    const chosen = createFrameEngine()
    chosen.openErrors.push(new SpeechError('unauthenticated', 'Log in.'))
    const session = startSession({
      engine: chosen,
      source: manual.source,
      config: {},
      sinks: [],
      onNotice: () => undefined,
      recovers: true,
      fallback: async () => createFrameEngine(),
      clock: createFakeClock(),
    })
    await settle()
    expect(session.status.indicator).toMatchObject({ kind: 'fallback', reason: 'access_refused' })
    expect(manual.listener).toBeDefined()
    session.stop()
    await session.finished
  })
})

describe('another engine during a session', () => {
  it('takes over once it is open, while the old one speaks on', async () => {
    const run = await start()
    run.speak(13)
    run.switchEngine()
    run.speak(13)
    await settle()
    run.speak(13)
    expect(run.kind()).toBe('listening')
    expect(run.chosen.sessions[0]?.isOver).toBe(true)
    await run.finish()
    expectEachWordOnce(run)
  })

  it('leaves the old one listening, and says so, where it cannot be opened', async () => {
    const run = await start()
    const broken = createFrameEngine()
    broken.openErrors.push(new SpeechError('bad_config', 'No such model.'))
    run.session.switchEngine(broken)
    run.speak(8)
    await settle()
    expect(run.session.status.indicator).toMatchObject({
      kind: 'fallback',
      reason: 'wrong_settings',
    })
    run.session.reconfigure({ language: 'de' })
    await settle()
    expect(run.kind()).toBe('listening')
    expect(broken.sessions).toHaveLength(1)
    await run.finish()
    expectEachWordOnce(run)
  })
})

const anyAction = fc.oneof(
  { weight: 6, arbitrary: fc.record({ speak: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 1, arbitrary: fc.record({ gapMs: fc.constantFrom(20, 180, 200, 3000) }) },
  { weight: 1, arbitrary: fc.record({ mutedFrames: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 2, arbitrary: fc.record({ waitMs: fc.constantFrom(10, 250, 1000, 60_000) }) },
  {
    weight: 4,
    arbitrary: fc.constantFrom('lost', 'broke', 'end', 'refuse-next', 'retry', 'switch', 'settle'),
  },
)

describe('every word', { timeout: 120_000 }, () => {
  it('comes once, in order and at its time, whatever happens to the engines', async () => {
    const anyFinals = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(
        anyFinals,
        fc.array(anyAction, { maxLength: 25 }),
        async (finals, actions) => {
          const run = await start({ finalWords: finals })
          for (const action of actions) await act(run, action)
          run.chosen.openErrors.length = 0
          run.fallback.openErrors.length = 0
          expect(await run.finish()).toEqual({ kind: 'completed' })
          expectEachWordOnce(run)
          expect(run.vanished()).toBe(0)
        },
      ),
      { numRuns: 300 },
    )
  })
})

type Action = typeof anyAction extends fc.Arbitrary<infer A> ? A : never

async function act(run: Run, action: Action): Promise<void> {
  if (typeof action !== 'string') {
    if ('speak' in action) run.speak(action.speak)
    else if ('gapMs' in action) run.gap(action.gapMs)
    else if ('waitMs' in action) run.clock.advance(action.waitMs)
    else {
      run.mute(true)
      run.speak(action.mutedFrames)
      run.mute(false)
    }
    return
  }
  switch (action) {
    case 'lost':
      return run.live()?.cut(lost)
    case 'broke':
      return run.live()?.cut(broke)
    case 'end':
      return run.live()?.cut()
    case 'refuse-next':
      return void run.chosen.openErrors.push(lost)
    case 'retry':
      return run.session.retryChosen()
    case 'switch':
      return run.switchEngine()
    case 'settle':
      return settle()
  }
}
