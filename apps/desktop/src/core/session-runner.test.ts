import type { SpeechEvent } from '@saywire/speech'
import { SpeechError } from '@saywire/speech'
import { createScriptedEngine } from '@saywire/speech/testing'
import { describe, expect, it, vi } from 'vitest'
import type { AudioListener, AudioSource } from './ports.ts'
import { CaptureError } from './ports.ts'
import { startSession } from './session-runner.ts'

const final = (text: string, startMs: number, endMs: number): SpeechEvent => ({
  type: 'final',
  text,
  confidence: 1,
  words: [],
  startMs,
  endMs,
  speechFinal: true,
})

/** A source whose test decides what it delivers and when it ends. */
function createManualSource() {
  let listener: AudioListener | undefined
  let end: () => void = () => undefined
  let fail: (error: CaptureError) => void = () => undefined
  const source: AudioSource = {
    name: 'manual',
    run: async (to, signal) => {
      listener = to
      await new Promise<void>((resolve, reject) => {
        end = resolve
        fail = reject
        signal.addEventListener('abort', () => resolve())
      })
    },
  }
  const started = async () => vi.waitUntil(() => listener)
  return { source, started, end: () => end(), fail: (error: CaptureError) => fail(error) }
}

function start(onClose: readonly SpeechEvent[] = []) {
  const manual = createManualSource()
  const engine = createScriptedEngine({ onClose: () => onClose })
  const events: SpeechEvent[] = []
  const horizons: number[] = []
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
  })
  return { manual, engine, session, events, horizons, isSinkClosed: () => sinkClosed }
}

describe('the session runner', () => {
  it('hands audio to the engine and its words to the sinks, to the last final', async () => {
    const { manual, engine, session, events, horizons, isSinkClosed } = start([final('b', 20, 40)])
    const listener = await manual.started()
    listener.onAudio(new Uint8Array(640))
    engine.sessions[0]?.emit(final('a', 0, 20))
    manual.end()
    expect(await session.finished).toEqual({ kind: 'completed' })
    expect(engine.sessions[0]?.writtenBytes).toBe(640)
    expect(events.map((event) => event.type)).toEqual(['final', 'final', 'usage'])
    expect(horizons).toEqual([20, 40, 40])
    expect(isSinkClosed()).toBe(true)
  })

  it('keeps the capture clock right over a gap', async () => {
    const { manual, engine, session } = start()
    const listener = await manual.started()
    listener.onAudio(new Uint8Array(640).fill(1))
    listener.onGap(250, 'lost')
    listener.onAudio(new Uint8Array(640).fill(2))
    manual.end()
    await session.finished
    const written = Buffer.concat(engine.sessions[0]?.written ?? [])
    expect(written.indexOf(2)).toBe((20 + 250) * 32)
    expect(written.byteLength).toBe((20 + 250 + 20) * 32)
  })

  it('ends with the last finals when it is stopped', async () => {
    const { manual, session, events } = start([final('last words', 0, 20)])
    await manual.started()
    session.stop()
    expect(await session.finished).toEqual({ kind: 'stopped' })
    expect(events[0]).toMatchObject({ text: 'last words' })
  })

  it('reports what the engine failed with, after the sinks were told', async () => {
    const { manual, engine, session, events } = start()
    await manual.started()
    const error = new SpeechError('upstream_lost', 'Gone.')
    engine.sessions[0]?.emit({ type: 'error', error })
    expect(await session.finished).toEqual({ kind: 'failed', error })
    expect(events).toEqual([{ type: 'error', error }])
  })

  it('reports what the source failed with', async () => {
    const { manual, session } = start()
    await manual.started()
    const error = new CaptureError('no_microphone', 'Unplugged.')
    manual.fail(error)
    expect(await session.finished).toEqual({ kind: 'failed', error })
  })
})
