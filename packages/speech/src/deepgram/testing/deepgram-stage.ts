import { inspect } from 'node:util'
import type { TranscribeConfig } from '@saywire/protocol'
import { afterEach, beforeEach, expect } from 'vitest'
import { msToBytes } from '../../pcm.ts'
import { SpeechError } from '../../speech-error.ts'
import { listen } from '../../testing/engine-contract-run.ts'
import type { FakeDeepgram } from '../../testing/fake-deepgram.ts'
import { startFakeDeepgram } from '../../testing/fake-deepgram.ts'
import type { DeepgramEngineDeps } from '../deepgram-engine.ts'
import { createDeepgramEngine } from '../deepgram-engine.ts'

export const KEY = 'secret-key-0123456789'
/** After which the fake closes, as Deepgram does after ten seconds. */
export const IDLE_TIMEOUT_MS = 2000
const never = new AbortController().signal

/** Noise: each window of it is a word to the fake. */
export function noise(ms: number): Uint8Array {
  let state = 1
  return Uint8Array.from({ length: msToBytes(ms) }, () => {
    state = Math.imul(state, 1_103_515_245) + 12_345
    return (state >>> 16) & 0xff
  })
}

/** The engine and a fake Deepgram of its own for each test of the file. */
export function setDeepgramStage() {
  let fake: FakeDeepgram

  beforeEach(async () => {
    fake = await startFakeDeepgram({ apiKey: KEY, idleTimeoutMs: IDLE_TIMEOUT_MS })
  })
  afterEach(async () => fake[Symbol.asyncDispose]())

  function engine(deps: Partial<DeepgramEngineDeps> = {}) {
    return createDeepgramEngine({ apiKey: KEY, url: fake.url, ...deps })
  }

  async function open(deps: Partial<DeepgramEngineDeps> = {}, config: TranscribeConfig = {}) {
    const session = await engine(deps).open({ config, startMs: 10_000 }, never)
    return { session, said: listen(session), stream: fake.connections.at(-1)! }
  }

  async function refusal(deps: Partial<DeepgramEngineDeps> = {}, config: TranscribeConfig = {}) {
    const error = await engine(deps)
      .open({ config }, never)
      .then(
        () => undefined,
        (error: unknown) => error,
      )
    expect(error).toBeInstanceOf(SpeechError)
    expect(inspect(error, { depth: Infinity })).not.toContain(KEY)
    return error as SpeechError
  }

  /** The error that ends a session which meets the faults while it sends a second of noise. */
  async function failure({ session, said }: Awaited<ReturnType<typeof open>>) {
    session.write(noise(1000))
    await said.end
    const last = said.events.at(-1)
    expect(last).toMatchObject({ type: 'error' })
    expect(inspect(last, { depth: Infinity })).not.toContain(KEY)
    return { events: said.events, error: (last as { error: SpeechError }).error }
  }

  return {
    get fake() {
      return fake
    },
    engine,
    open,
    refusal,
    failure,
  }
}
