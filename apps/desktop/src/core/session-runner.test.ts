import type { SpeechEvent } from '@saywire/speech'
import { SpeechError } from '@saywire/speech'
import { createScriptedEngine } from '@saywire/speech/testing'
import { describe, expect, it, vi } from 'vitest'
import { CaptureError } from './ports.ts'
import type { SessionDeps, SessionStatus } from './session-runner.ts'
import { startSession } from './session-runner.ts'
import { createFakeClock } from './testing/fake-clock.ts'
import { createManualSource } from './testing/manual-source.ts'

const FRAME_BYTES = 640

const final = (text: string, startMs: number, endMs: number): SpeechEvent => ({
  type: 'final',
  text,
  confidence: 1,
  words: [],
  startMs,
  endMs,
  speechFinal: true,
})

function start(options: Partial<SessionDeps> & { onClose?: SpeechEvent[]; knowsMute?: boolean }) {
  const { onClose = [], knowsMute = false, ...deps } = options
  const manual = createManualSource(knowsMute)
  const engine = createScriptedEngine({ onClose: () => onClose })
  const events: SpeechEvent[] = []
  const horizons: number[] = []
  const statuses: SessionStatus[] = []
  let sinkClosed = false
  const session = startSession({
    engine,
    source: manual.source,
    config: { language: 'en' },
    sinks: [
      {
        onEvent: (event, transcript) => {
          events.push(event)
          horizons.push(transcript.horizonMs)
        },
        close: async () => {
          sinkClosed = true
        },
      },
    ],
    onNotice: () => undefined,
    onStatus: (status) => statuses.push(status),
    ...deps,
  })
  const started = async () => vi.waitUntil(() => manual.listener)
  const frames = (count: number, fill = 1) => {
    for (let i = 0; i < count; i++) {
      manual.listener?.onAudio(new Uint8Array(FRAME_BYTES).fill(fill))
    }
  }
  const written = () => Buffer.concat(engine.sessions[0]?.written ?? [])
  const isSinkClosed = () => sinkClosed
  return {
    manual,
    engine,
    session,
    events,
    horizons,
    statuses,
    started,
    frames,
    written,
    isSinkClosed,
  }
}

describe('the session runner', () => {
  it('hands audio to the engine and its words to the sinks, to the last final', async () => {
    const run = start({ onClose: [final('b', 20, 40)] })
    await run.started()
    run.frames(2)
    run.engine.sessions[0]?.emit(final('a', 0, 20))
    run.manual.end()
    expect(await run.session.finished).toEqual({ kind: 'completed' })
    expect(run.engine.sessions[0]?.writtenBytes).toBe(2 * FRAME_BYTES)
    expect(run.events.map((event) => event.type)).toEqual(['final', 'final', 'usage'])
    expect(run.horizons).toEqual([20, 40, 40])
    expect(run.isSinkClosed()).toBe(true)
  })

  it('ends with the last finals when it is stopped', async () => {
    const run = start({ onClose: [final('last words', 0, 20)] })
    await run.started()
    run.frames(1)
    run.session.stop()
    expect(await run.session.finished).toEqual({ kind: 'stopped' })
    expect(run.events[0]).toMatchObject({ text: 'last words' })
  })

  it('ends although a sink never does, and says so', async () => {
    const clock = createFakeClock()
    const notices: string[] = []
    const stuck = {
      onEvent: () => undefined,
      close: async () => new Promise<never>(() => undefined),
    }
    const onNotice = (sentence: string) => notices.push(sentence)
    const run = start({ clock, onNotice, sinks: [stuck] })
    await run.started()
    run.manual.end()
    await vi.waitUntil(() => clock.waitingMs.length > 0)
    clock.advance(5000)
    expect(await run.session.finished).toEqual({ kind: 'completed' })
    expect(notices).toEqual(['The end of the captions could not be written everywhere.'])
  })

  it('reports what the engine failed with, after the sinks were told', async () => {
    const run = start({})
    await run.started()
    const error = new SpeechError('upstream_lost', 'Gone.')
    run.engine.sessions[0]?.emit({ type: 'error', error })
    expect(await run.session.finished).toEqual({ kind: 'failed', error })
    expect(run.events).toEqual([{ type: 'error', error }])
  })

  it('reports what the source failed with', async () => {
    const run = start({})
    await run.started()
    const error = new CaptureError('no_microphone', 'Unplugged.')
    run.manual.fail(error)
    expect(await run.session.finished).toEqual({ kind: 'failed', error })
  })

  it('asks for the last words of a microphone that is gone, before another is there', async () => {
    const run = start({})
    await run.started()
    run.manual.listener?.onDevice?.('USB Audio')
    run.frames(5)
    run.manual.listener?.onDevice?.(undefined)
    expect(run.engine.sessions[0]?.finalizeCount).toBe(1)
    run.session.stop()
    await run.session.finished
  })

  it('tells each change of its status, down to the engine and the device', async () => {
    const run = start({})
    await run.started()
    run.manual.listener?.onDevice?.('USB Audio')
    run.frames(1)
    run.session.mute(true)
    run.manual.listener?.onDevice?.(undefined)
    run.session.stop()
    await run.session.finished
    expect(run.statuses.map(({ indicator }) => indicator.kind)).toEqual([
      'starting',
      'starting',
      'starting',
      'listening',
      'muted',
      'no_microphone',
      'stopping',
      'idle',
    ])
    expect(run.statuses[3]).toMatchObject({ backend: 'scripted', device: 'USB Audio' })
  })

  it('measures words from microphone to screen', async () => {
    const clock = createFakeClock()
    const run = start({ clock })
    await run.started()
    clock.advance(5000)
    run.frames(5)
    clock.advance(300)
    run.engine.sessions[0]?.emit(final('hello', 0, 100))
    await vi.waitUntil(() => run.events.length > 0)
    run.session.painted({ kind: 'final', endMs: 100, paintedAtMs: 5320, uncertaintyMs: 4 })
    const once = (ms: number) => ({ p50Ms: ms, p95Ms: ms, count: 1 })
    expect(run.session.latency).toEqual({
      captureToEngine: once(0),
      engineToCaption: once(300),
      captionToPainted: once(20),
      total: once(320),
      uncertaintyMs: 4,
    })
    run.manual.end()
    await run.session.finished
  })
})

describe('audio that is missing', () => {
  it('is not sent, and what is said after it has its time on the capture clock', async () => {
    const run = start({})
    await run.started()
    run.frames(5)
    run.manual.listener?.onGap(60_000, 'lost')
    run.frames(5)
    run.engine.sessions[0]?.emit(final('before', 0, 100))
    run.engine.sessions[0]?.emit(final('after', 100, 180))
    run.manual.end()
    await run.session.finished
    expect(run.written().byteLength).toBe(10 * FRAME_BYTES)
    expect(run.events.slice(0, 2)).toMatchObject([
      { text: 'before', startMs: 0, endMs: 100 },
      { text: 'after', startMs: 60_100, endMs: 60_180 },
    ])
  })

  it('parts what was said before it from what is said after it', async () => {
    const run = start({})
    await run.started()
    run.manual.listener?.onGap(500, 'lost')
    expect(run.engine.sessions[0]?.finalizeCount).toBe(0)
    run.frames(1)
    run.manual.listener?.onGap(500, 'switched')
    run.manual.listener?.onGap(500, 'switched')
    expect(run.engine.sessions[0]?.finalizeCount).toBe(1)
    run.manual.end()
    await run.session.finished
  })

  it('is silence where it is too short to part anything', async () => {
    const run = start({})
    await run.started()
    run.frames(1, 1)
    run.manual.listener?.onGap(150, 'lost')
    run.frames(1, 2)
    run.manual.end()
    await run.session.finished
    expect(run.written().indexOf(2)).toBe((20 + 150) * 32)
    expect(run.engine.sessions[0]?.finalizeCount).toBe(0)
  })
})

describe('mute', () => {
  it('lets no byte through, finishes what was being said, and keeps the clock going', async () => {
    const run = start({})
    await run.started()
    run.frames(5)
    run.session.mute(true)
    expect(run.engine.sessions[0]?.finalizeCount).toBe(1)
    run.frames(100)
    run.manual.listener?.onGap(100, 'lost')
    expect(run.written().byteLength).toBe(5 * FRAME_BYTES)
    run.session.mute(false)
    run.frames(5)
    run.engine.sessions[0]?.emit(final('after', 100, 200))
    run.manual.end()
    await run.session.finished
    expect(run.written().byteLength).toBe(10 * FRAME_BYTES)
    expect(run.events[0]).toMatchObject({ startMs: 100 + 2000 + 100, endMs: 2300 })
  })

  it('can be there from the start, before the source has run', async () => {
    const run = start({ startMuted: true, knowsMute: true })
    expect(run.manual.mutes).toEqual([true])
    await run.started()
    run.frames(50)
    expect(run.session.status.indicator).toEqual({ kind: 'muted' })
    expect(run.written().byteLength).toBe(0)
    run.session.mute(false)
    run.frames(1)
    expect(run.manual.mutes).toEqual([true, false])
    expect(run.written().byteLength).toBe(FRAME_BYTES)
    run.manual.end()
    await run.session.finished
  })
})
