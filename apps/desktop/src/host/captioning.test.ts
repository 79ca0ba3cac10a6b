import type { SpeechEngine } from '@saywire/speech'
import { SpeechError } from '@saywire/speech'
import { describe, expect, it } from 'vitest'
import { startSession } from '../core/session-runner.ts'
import { createFrameEngine } from '../core/testing/frame-engine.ts'
import type { AudioSource } from '../core/ports.ts'
import type { ManualSource } from '../core/testing/manual-source.ts'
import { createManualSource } from '../core/testing/manual-source.ts'
import { settle } from '../core/testing/recovering-session.ts'
import type { CaptioningDeps } from './captioning.ts'
import { createCaptioning } from './captioning.ts'
import { createIncidentLog } from './incident-log.ts'

/** 20 ms. */
const FRAME_BYTES = 640

const refused = new SpeechError('unauthenticated', 'Log in.')

/** An engine that says its last words only when the test lets it. */
function slowToClose() {
  let finish: () => void = () => undefined
  const mayClose = new Promise<void>((resolve) => (finish = resolve))
  const frames = createFrameEngine()
  const engine: SpeechEngine = {
    async open(options, signal) {
      const session = await frames.open(options, signal)
      const close = async () => mayClose.then(session.close)
      return { ...session, events: session.events, close }
    },
  }
  return { engine, finish }
}

function standInOf(engine: SpeechEngine | undefined): CaptioningDeps['standIn'] {
  return {
    isUsable: engine !== undefined,
    begin: () => undefined,
    engine() {
      if (!engine) throw new SpeechError('model_unavailable', 'There is none.')
      return engine
    },
    end: async () => undefined,
  }
}

function setUp(deps: Partial<CaptioningDeps> = {}) {
  const indicators: string[] = []
  const notices: string[] = []
  const sources: ManualSource[] = []
  const captioning = createCaptioning({
    createEngine: async () => createFrameEngine(),
    gatesSilence: () => false,
    standIn: standInOf(undefined),
    incidents: createIncidentLog({ log: () => undefined, now: () => 0 }),
    onBegin: () => undefined,
    startSession,
    createSource() {
      const manual = createManualSource()
      sources.push(manual)
      const source: AudioSource = {
        ...manual.source,
        async run(listener, signal) {
          const ended = manual.source.run(listener, signal)
          listener.onAudio(new Uint8Array(FRAME_BYTES))
          return ended
        },
      }
      return { source, whenOver: () => undefined }
    },
    config: () => ({}),
    openSinks: () => [],
    blockers: () => [],
    publish: ({ indicator }) => {
      if (indicators.at(-1) !== indicator) indicators.push(indicator)
    },
    onNotice: (_level, sentence) => notices.push(sentence),
    now: () => 0,
    ...deps,
  })
  return { captioning, indicators, notices, sources }
}

describe('starting and stopping', () => {
  it('starts anew where it is started while the last words are still awaited', async () => {
    const { engine, finish } = slowToClose()
    const engines = [engine, createFrameEngine()]
    const { captioning, indicators } = setUp({
      createEngine: async () => engines.shift() as SpeechEngine,
    })
    await captioning.start()
    await settle()
    const stopped = captioning.stop()
    await settle()
    const started = captioning.start()
    await settle()
    finish()
    await Promise.all([stopped, started])
    await settle()
    expect(indicators.at(-1)).toBe('listening')
    await captioning.close()
  })

  it('runs where the last wish is to start, however fast wishes change', async () => {
    let made = 0
    const createEngine = async () => {
      made++
      return createFrameEngine()
    }
    const { captioning, indicators } = setUp({ createEngine })
    const wishes = [captioning.start(), captioning.stop(), captioning.start(), captioning.start()]
    await Promise.all(wishes)
    await settle()
    expect(indicators.at(-1)).toBe('listening')
    expect(made).toBe(2)
    const more = [captioning.stop(), captioning.start(), captioning.stop()]
    await Promise.all(more)
    await settle()
    expect(indicators.at(-1)).toBe('idle')
    expect(captioning.isRunning).toBe(false)
  })

  it('is refused once the app ends', async () => {
    const { engine, finish } = slowToClose()
    const { captioning, indicators } = setUp({ createEngine: async () => engine })
    await captioning.start()
    await settle()
    const closed = captioning.close()
    const refusal = captioning.start().catch((error: unknown) => error)
    await settle()
    finish()
    expect(await refusal).toMatchObject({ code: 'not_possible' })
    await closed
    await settle()
    expect(indicators.at(-1)).toBe('idle')
  })

  it('waits for the last words however often it is stopped', async () => {
    const { engine, finish } = slowToClose()
    const { captioning, indicators } = setUp({ createEngine: async () => engine })
    await captioning.start()
    await settle()
    const stops = [captioning.stop(), captioning.stop(), captioning.stop()]
    await settle()
    expect(indicators.at(-1)).toBe('stopping')
    finish()
    await Promise.all(stops)
    expect(indicators.at(-1)).toBe('idle')
  })

  it('can be started again after something of it could not be set up', async () => {
    const openSinks = () => {
      if (indicators.filter((kind) => kind === 'starting').length === 1) throw new Error('no sinks')
      return []
    }
    const { captioning, indicators } = setUp({ openSinks })
    await captioning.start()
    await settle()
    expect(indicators.at(-1)).toBe('failed')
    await captioning.start()
    await settle()
    expect(indicators.at(-1)).toBe('listening')
    await captioning.close()
  })
})

describe('another engine in the settings', () => {
  it('is the one that was chosen last, however long an earlier one takes to make', async () => {
    const [first, slow, last] = [createFrameEngine(), createFrameEngine(), createFrameEngine()]
    let slowIsMade: (engine: SpeechEngine) => void = () => undefined
    const makings = [
      async () => first,
      async () => new Promise<SpeechEngine>((resolve) => (slowIsMade = resolve)),
      async () => last,
    ]
    const { captioning } = setUp({ createEngine: async () => makings.shift()?.() ?? first })
    await captioning.start()
    await settle()
    const switches = [captioning.switchEngine(), captioning.switchEngine()]
    await settle()
    slowIsMade(slow)
    await Promise.all(switches)
    await settle()
    expect(slow.sessions).toHaveLength(0)
    expect(last.sessions[0]?.isOver).toBe(false)
    await captioning.close()
  })

  it('has a fall-back that can be had when it is needed, though not when the session began', async () => {
    const [cloud, local] = [createFrameEngine(), createFrameEngine()]
    const { captioning, indicators } = setUp({
      createEngine: async () => cloud,
      standIn: { ...standInOf(local), isUsable: false },
    })
    await captioning.start()
    await settle()
    captioning.setFallback(true)
    cloud.sessions[0]?.cut(refused)
    await settle()
    expect(indicators.at(-1)).toBe('fallback')
    await captioning.close()
  })

  it('waits for the user where there is no fall-back, and goes on when they have logged in', async () => {
    const cloud = createFrameEngine()
    const { captioning, indicators } = setUp({ createEngine: async () => cloud })
    await captioning.start()
    await settle()
    cloud.sessions[0]?.cut(refused)
    await settle()
    expect(indicators.at(-1)).toBe('access_refused')
    captioning.retryChosen()
    await settle()
    expect(indicators.at(-1)).toBe('listening')
    await captioning.close()
  })

  it('fails for its own reason where nothing can help', async () => {
    const cloud = createFrameEngine()
    const { captioning, indicators, notices } = setUp({ createEngine: async () => cloud })
    await captioning.start()
    await settle()
    cloud.sessions[0]?.cut(new SpeechError('bad_config', 'There is no such model.'))
    await settle()
    expect(indicators.at(-1)).toBe('failed')
    expect(notices).toEqual(['There is no such model.'])
  })
})
