import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { toSamples } from '@saywire/speech'
import {
  createWhisperEngine,
  DEFAULT_MODEL,
  ensureModel,
  ensureWhisperLibrary,
} from '@saywire/speech/whisper'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { AudioListener } from '../core/ports.ts'
import { readEnv } from '../env.ts'
import { forkCaptureChild } from './capture-child.ts'
import { listCaptureDevices } from './capture-devices.ts'
import { createMicrophoneSource } from './microphone-source.ts'
import { align } from './testing/alignment.ts'
import type { VirtualMicrophone } from './testing/virtual-microphone.ts'
import { createVirtualMicrophone, virtualMicrophoneMissing } from './testing/virtual-microphone.ts'

const SPEECH = fileURLToPath(import.meta.resolve('@saywire/speech/assets/jfk.wav'))
const CAPTURE_PROCESS = fileURLToPath(new URL('./capture-process.ts', import.meta.url))
const WAV_HEADER_BYTES = 44
/** Correlation of a recording with what was said. */
const ALIKE = 0.99

const { modelsDir, nativeDir } = readEnv()
/** Fetched and built where they are not there yet: minutes the first time. */
const engineMissing = await prepareEngine().then(
  () => undefined,
  (error: unknown) => String(error),
)

const why = virtualMicrophoneMissing && ` (skipped: ${virtualMicrophoneMissing} is not installed)`
describe.skipIf(why)(`a real microphone${why ?? ''}`, { timeout: 120_000 }, () => {
  let microphone: VirtualMicrophone | undefined
  let spoken: Int16Array
  let recorded: Uint8Array

  beforeAll(async () => {
    microphone = await createVirtualMicrophone()
    spoken = toSamples((await readFile(SPEECH)).subarray(WAV_HEADER_BYTES))
    // A sound server that is starved drops samples by itself.
    for (let tries = 0; tries < 3; tries++) {
      recorded = await record(microphone)
      if (align(spoken, toSamples(recorded)).correlation > ALIKE) break
    }
  }, 240_000)

  afterAll(() => microphone?.close())

  it('delivers what was said into it', () => {
    expect(align(spoken, toSamples(recorded)).correlation).toBeGreaterThan(ALIKE)
  })

  it('is let go of when the program that recorded it is gone', async () => {
    const { device, env } = microphone as VirtualMicrophone
    const recorder = fork(CAPTURE_PROCESS, [JSON.stringify({ do: 'capture', device })], {
      execArgv: ['--import', 'tsx'],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env: { ...process.env, ...env },
    })
    onTestFinished(() => void recorder.kill('SIGKILL'))
    const ended = once(recorder, 'exit')
    await vi.waitUntil(async () => (await once(recorder, 'message'))[0].type === 'audio', 60_000)
    // What the end of this process would do, however it ends.
    recorder.disconnect()
    expect(await ended).toEqual([null, 'SIGKILL'])
  })

  const noEngine = engineMissing === undefined ? '' : ` (skipped: ${engineMissing})`
  it.skipIf(noEngine)(`is captioned by the local engine${noEngine}`, async () => {
    const engine = createWhisperEngine({ modelsDir, nativeDir })
    const session = await engine.open({ config: {} }, new AbortController().signal)
    session.write(recorded)
    const closed = session.close()
    let text = ''
    for await (const event of session.events) if (event.type === 'final') text += ` ${event.text}`
    await closed
    await engine.dispose?.()
    const words = text.toLowerCase().match(/[a-z]+/g)
    expect(words).toEqual(
      expect.arrayContaining(
        'fellow americans ask not what your country can do for you'.split(' '),
      ),
    )
  })
})

/** Records from before the speech is played until after its end. */
async function record(microphone: VirtualMicrophone): Promise<Uint8Array> {
  const start = (task: Parameters<typeof forkCaptureChild>[0]) =>
    forkCaptureChild(task, { env: { ...process.env, ...microphone.env } })
  const devices = await listCaptureDevices(start)
  expect(devices.map(({ name }) => name)).toContain(microphone.device)

  const stop = new AbortController()
  const frames: Uint8Array[] = []
  const problems: string[] = []
  let begun: () => void
  const firstAudio = new Promise<void>((resolve) => (begun = resolve))
  const listener: AudioListener = {
    onAudio(pcm) {
      frames.push(pcm)
      begun()
    },
    onGap: (durationMs) => void problems.push(`lost ${durationMs} ms`),
    onNotice: (sentence) => void problems.push(sentence),
    bufferedMs: () => 0,
  }
  const source = createMicrophoneSource({ device: microphone.device, start })
  const ended = source.run(listener, stop.signal)
  await Promise.race([firstAudio, ended])
  await microphone.play(SPEECH)
  // What was played last is still on its way through PulseAudio and PortAudio.
  const enough = frames.length + 50
  await vi.waitUntil(() => frames.length > enough, { timeout: 30_000 })
  stop.abort()
  await ended
  expect(problems).toEqual([])
  return Buffer.concat(frames)
}

async function prepareEngine(): Promise<void> {
  await ensureWhisperLibrary({ nativeDir })
  await ensureModel({ name: DEFAULT_MODEL, modelsDir })
}
