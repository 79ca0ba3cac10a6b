import { parseArgs } from 'node:util'
import { DEFAULT_MODEL } from '@saywire/speech/whisper'
import { listCaptureDevices } from '../capture/capture-devices.ts'
import { createMicrophoneSource } from '../capture/microphone-source.ts'
import type { AudioSource, CaptionSink } from '../core/ports.ts'
import type { EngineKind } from '../engines.ts'
import { ENGINE_KINDS, prepareEngine } from '../engines.ts'
import type { DesktopEnv } from '../env.ts'
import { startOverlayServer } from '../overlay/overlay-server.ts'
import { gatesSilence } from '../settings/gates-silence.ts'
import { createFileSource } from '../sources/file-source.ts'
import { createStdinSource } from '../sources/stdin-source.ts'
import { parsed, parseWhole } from './arguments.ts'
import { captionConfig, writtenLanguage } from './caption-config.ts'
import { interruptSignal, runCaptions, showProgress } from './caption-run.ts'
import type { Console } from './console.ts'
import { createLiveRecovery } from './live-recovery.ts'
import { EXIT, exitCodeOf, UsageError } from './exit-codes.ts'
import { createJsonSink, errorLine } from './json-sink.ts'
import { parseSave, saveCaptions } from './save-option.ts'
import { createTerminalSink } from './terminal-sink.ts'

export const CAPTION_HELP = `saywire caption <file.wav | - | --mic [device]> [options]

  <file.wav>            a recording: WAV of any common rate, depth and channel count
  -                     standard input: raw PCM (s16le), or WAV
  --mic [device]        a microphone, by its number or a part of its name; --devices lists them

  --engine KIND         local (here; the default), managed (a Saywire server) or
                        byok (Deepgram with your own key, from DEEPGRAM_API_KEY)
  --model NAME          model of the local engine (saywire models lists them), or
                        Deepgram model of the others
  --language TAG        what is spoken, such as en or de; multi: it is detected
  --translate           captions in English, whatever is spoken: with the local engine and a model
                        for many languages, or a server that runs one
  --server URL          server of the managed engine (or SAYWIRE_SERVER_URL); log in first, or
                        give an access token in SAYWIRE_TOKEN
  --silence-gate WHEN   on: silence is not sent, and not billed; off; auto: on for managed (the
                        default)
  --fallback MODEL      local model that speaks while the engine of managed or byok cannot be
                        had, where it is on this machine (base.en-q8_0); off: nobody does
  --term NAME           a name or term to listen for; may be given several times (--keyterm is the
                        same)

  --realtime            feed a recording as it was spoken (the default)
  --fast                feed a recording as fast as the engine takes it; finals only
  --interim             interims also with --fast
  --rate HZ, --channels N    format of raw PCM on standard input (16000, 1)

  --json                one event a line, as JSON, and nothing else on standard output
  --overlay [PORT]      also show the captions on http://127.0.0.1:PORT for OBS (8080)
  --save FOLDER         also write them to files in this folder, as they come
  --format LIST         which: txt, srt, vtt, json (srt); several with commas
  --title TITLE         in the files' names (a recording's own name)
  --record FILE         also record what happens, without the sound, for saywire replay
  --devices             list the capture devices (with --json: as JSON) and end
  --quiet               nothing on standard error but errors

  A microphone or a pipe goes on when its engine fails: the engine is tried again for as long as it
  takes, and what is said meanwhile is kept for it, 10 minutes at most, or captioned by the
  fall-back. A recording ends with an error, to be started again. The app's limits of minutes do
  not hold here.
`

const OPTIONS = {
  mic: { type: 'boolean' },
  engine: { type: 'string', default: 'local' },
  model: { type: 'string' },
  language: { type: 'string' },
  server: { type: 'string' },
  translate: { type: 'boolean' },
  term: { type: 'string', multiple: true },
  keyterm: { type: 'string', multiple: true },
  'silence-gate': { type: 'string', default: 'auto' },
  fallback: { type: 'string' },
  realtime: { type: 'boolean' },
  fast: { type: 'boolean' },
  interim: { type: 'boolean' },
  rate: { type: 'string', default: '16000' },
  channels: { type: 'string', default: '1' },
  json: { type: 'boolean' },
  overlay: { type: 'boolean' },
  save: { type: 'string' },
  format: { type: 'string' },
  title: { type: 'string' },
  record: { type: 'string' },
  devices: { type: 'boolean' },
  quiet: { type: 'boolean' },
} as const

/** `saywire caption`. Returns the exit code; throws what main() describes. */
export async function captionCommand(
  args: string[],
  console: Console,
  env: DesktopEnv,
): Promise<number> {
  const { values, positionals, optional } = parse(args)
  if (values.devices) return printDevices(console, values.json ?? false)
  const kind = parseEngine(values.engine)
  const config = captionConfig(values, kind)
  const isGated = parseSilenceGate(values['silence-gate'], kind)
  const isMicrophone = values.mic ?? false
  const source = parseSource(positionals, values, optional.mic, console)
  const save = parseSave(values, positionals[0])
  const onNotice = (sentence: string) => {
    if (!values.quiet) console.stderr.write(`${sentence}\n`)
  }
  const isLive = isMicrophone || positionals[0] === '-'
  const { fallback, language } = values
  const recovery = isLive
    ? await createLiveRecovery({ kind, fallback, language, env, onNotice })
    : undefined

  const sinks: CaptionSink[] = [
    values.json ? createJsonSink(console.stdout) : createTerminalSink(console.stdout),
  ]
  const engineName = `${kind} ${values.model ?? (kind === 'local' ? DEFAULT_MODEL : '')}`.trim()
  const files =
    save && saveCaptions(save, { engine: engineName, language: writtenLanguage(config) }, console)
  if (files) sinks.push(files)
  const overlay = values.overlay
    ? await startOverlayServer(optional.overlay === undefined ? {} : { port: optional.overlay })
    : undefined
  if (overlay) {
    sinks.push(overlay.sink)
    onNotice(`Overlay  ${overlay.url}`)
  }
  try {
    const signal = interruptSignal(console)
    const progress = showProgress(console, onNotice)
    const choice = {
      kind,
      localModel: values.model ?? DEFAULT_MODEL,
      serverUrl: values.server,
    }
    const engine = await prepareEngine(choice, env, progress, signal)
    progress.done()
    const run = {
      engine,
      source,
      gatesSilence: isGated,
      config,
      sinks,
      console,
      signal,
      onNotice,
      recovery,
      record: values.record,
    }
    const outcome = await runCaptions(run)
    for (const path of files?.paths ?? []) onNotice(`Saved    ${path}`)
    if (outcome.kind === 'completed') return EXIT.ok
    if (outcome.kind === 'stopped') return isMicrophone ? EXIT.ok : EXIT.interrupted
    if (!values.json || outcome.error.name === 'CaptureError') throw outcome.error
    // The engine's own errors are in the stream already, where they were told.
    console.stderr.write(`${outcome.error.message}\n`)
    return exitCodeOf(outcome.error)
  } catch (error) {
    if (values.json && error instanceof Error) {
      console.stdout.write(`${JSON.stringify(errorLine(error))}\n`)
    }
    throw error
  } finally {
    await overlay?.close()
  }
}

/** Options whose value may be left out, which parseArgs does not know. */
function parse(args: string[]) {
  const mic = takeOptionalValue(args, '--mic', (value) => !value.startsWith('-'))
  const overlay = takeOptionalValue(args, '--overlay', (value) => /^\d+$/.test(value))
  const { values, positionals } = parsed(() =>
    parseArgs({ args, options: OPTIONS, allowPositionals: true }),
  )
  const port = overlay === undefined ? undefined : parseWhole('--overlay', overlay, 0, 65_535)
  return { values, positionals, optional: { mic, overlay: port } }
}

function takeOptionalValue(
  args: string[],
  name: string,
  isValue: (text: string) => boolean,
): string | undefined {
  const at = args.findIndex((arg) => arg === name || arg.startsWith(`${name}=`))
  const arg = args[at]
  if (arg === undefined) return undefined
  if (arg !== name) {
    args[at] = name
    return arg.slice(name.length + 1)
  }
  const next = args[at + 1]
  if (next === undefined || !isValue(next)) return undefined
  args.splice(at + 1, 1)
  return next
}

type Values = ReturnType<typeof parse>['values']

function parseEngine(text: string): EngineKind {
  const kind = ENGINE_KINDS.find((candidate) => candidate === text)
  if (kind) return kind
  throw new UsageError(`--engine takes ${ENGINE_KINDS.join(', ')}, not "${text}".`)
}

function parseSilenceGate(text: string, mode: EngineKind): boolean {
  const silenceGate = (['auto', 'on', 'off'] as const).find((candidate) => candidate === text)
  if (silenceGate) return gatesSilence({ continuity: { silenceGate }, transcription: { mode } })
  throw new UsageError(`--silence-gate takes auto, on, off, not "${text}".`)
}

function parseSource(
  positionals: string[],
  values: Values,
  device: string | undefined,
  console: Console,
): AudioSource {
  const [input, ...more] = positionals
  if (values.realtime && values.fast) throw new UsageError('Choose --realtime or --fast.')
  if (more.length > 0) throw new UsageError('Name one recording.')
  if (values.mic) {
    if (input !== undefined) throw new UsageError('Choose a recording or --mic.')
    return createMicrophoneSource(device === undefined ? {} : { device })
  }
  if (input === undefined) throw new UsageError('Name a recording, or - or --mic.')
  const rateHz = parseWhole('--rate', values.rate, 1000, 384_000)
  const channels = parseWhole('--channels', values.channels, 1, 64)
  if (input === '-') {
    return createStdinSource(console.stdin as AsyncIterable<Uint8Array>, { rateHz, channels })
  }
  return createFileSource(input, values.fast ? 'fast' : 'realtime')
}

async function printDevices(console: Console, json: boolean): Promise<number> {
  const devices = await listCaptureDevices()
  if (json) {
    for (const device of devices) console.stdout.write(`${JSON.stringify(device)}\n`)
  } else if (devices.length === 0) console.stderr.write('There is no capture device.\n')
  for (const { index, name, channels, isDefault } of json ? [] : devices) {
    const mark = isDefault ? '  (default)' : ''
    console.stdout.write(`${String(index).padStart(3)}  ${name}, ${channels} channels${mark}\n`)
  }
  return EXIT.ok
}
