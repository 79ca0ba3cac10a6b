import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { DEFAULT_MODEL } from '@saywire/speech/whisper'
import { listCaptureDevices } from '../capture/capture-devices.ts'
import { createMicrophoneSource } from '../capture/microphone-source.ts'
import type { AudioSource } from '../core/ports.ts'
import { CaptureError } from '../core/ports.ts'
import { prepareEngine } from '../engines.ts'
import type { DesktopEnv } from '../env.ts'
import { startOverlayServer } from '../overlay/overlay-server.ts'
import { createFileSource } from '../sources/file-source.ts'
import { parsed, parseWhole } from './arguments.ts'
import { interruptSignal, runCaptions, showProgress } from './caption-run.ts'
import type { Console } from './console.ts'
import { EXIT, UsageError } from './exit-codes.ts'
import { createLiveRecovery } from './live-recovery.ts'
import { createTerminalSink } from './terminal-sink.ts'

export const START_HELP = `saywire start [file.wav] [--overlay PORT]

  Captions the microphone, or a recording in real time, with the local engine, on the terminal and
  on the overlay page for OBS. Where there is no microphone it captions a short recording.

  --overlay PORT        port of the overlay on 127.0.0.1 (8080; 0 takes any free one)
`

const OPTIONS = { overlay: { type: 'string' } } as const

/** `saywire start`. Returns the exit code; throws what main() describes. */
export async function startCommand(
  args: string[],
  console: Console,
  env: DesktopEnv,
): Promise<number> {
  const { values, positionals } = parsed(() =>
    parseArgs({ args, options: OPTIONS, allowPositionals: true }),
  )
  const [file, ...more] = positionals
  if (more.length > 0) throw new UsageError('Name one recording.')
  const onNotice = (sentence: string) => void console.stderr.write(`${sentence}\n`)

  const signal = interruptSignal(console)
  const port =
    values.overlay === undefined ? {} : { port: parseWhole('--overlay', values.overlay, 0, 65_535) }
  const overlay = await startOverlayServer(port)
  onNotice(`Overlay  ${overlay.url}  (add it to OBS as a browser source)`)
  try {
    const progress = showProgress(console, onNotice)
    const choice = { kind: 'local', localModel: DEFAULT_MODEL, serverUrl: undefined } as const
    const engine = await prepareEngine(choice, env, progress, signal)
    progress.done()
    const source =
      file === undefined ? await microphoneOrSample(onNotice) : createFileSource(file, 'realtime')
    onNotice(`Captioning ${source.name}. Ctrl-C ends it.\n`)
    const sinks = [createTerminalSink(console.stdout), overlay.sink]
    const config = { interim_results: true }
    const recovery =
      file === undefined ? await createLiveRecovery({ kind: 'local', env, onNotice }) : undefined
    const run = { engine, source, config, sinks, console, signal, onNotice, recovery }
    const outcome = await runCaptions(run)
    if (outcome.kind === 'failed') throw outcome.error
    return EXIT.ok
  } catch (error) {
    if (signal.aborted) return EXIT.ok
    throw error
  } finally {
    await overlay.close()
  }
}

async function microphoneOrSample(onNotice: (sentence: string) => void): Promise<AudioSource> {
  const sample = fileURLToPath(import.meta.resolve('@saywire/speech/assets/jfk.wav'))
  const missing = await listCaptureDevices().then(
    (devices) => (devices.length === 0 ? 'There is no microphone.' : undefined),
    (error: unknown) => {
      if (error instanceof CaptureError) return error.message
      throw error
    },
  )
  if (missing === undefined) return createMicrophoneSource({})
  onNotice(`${missing} Captioning the recording that comes with Saywire instead.`)
  return createFileSource(sample, 'realtime')
}
