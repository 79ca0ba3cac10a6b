// The whisper process: one model, several sessions, talked to by messages (whisper-messages.ts).
// Native code that decodes for seconds stays out of everybody else's process, and so does its crash.
import { getPriority, setPriority } from 'node:os'
import { loadMoonshineBinding } from '../library/moonshine-binding.ts'
import { loadNativeBinding, measureNatively } from '../library/native-binding.ts'
import { loadPrebuiltBinding } from '../library/prebuilt-binding.ts'
import type { WhisperBinding, WhisperLibrary } from '../library/whisper-binding.ts'
import type { WhisperReply, WhisperRequest } from '../whisper-messages.ts'
import { createSessionHost } from './session-host.ts'
import type { SessionHost } from './session-host.ts'
import { chooseVoiceDetection } from './voice-detection.ts'

/** Electron's utilityProcess has this instead of process.send(). */
interface ParentPort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { data: unknown }) => void): void
}

const { parentPort } = process as { parentPort?: ParentPort }
const post: ((message: WhisperReply) => void) | undefined = parentPort?.postMessage.bind(parentPort)

function send(reply: WhisperReply): void {
  if (post) post(reply)
  else process.send?.(reply)
}

function fail(error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error)
  const leave = () => process.exit(1)
  if (!process.send) {
    send({ type: 'failed', reason })
    leave()
  } else process.send({ type: 'failed', reason } satisfies WhisperReply, leave)
}

/** Nicer than its owner by so much. */
const NICENESS = 5
const LOWEST_PRIORITY = 19

let host: SessionHost | undefined

async function load(request: Extract<WhisperRequest, { type: 'load' }>): Promise<void> {
  const { library, modelPath, threads, gpu } = request
  const { binding, slowBecause } = loadBinding(library)
  const usable = gpu ? binding.usableGpu?.() : undefined
  send({ type: 'loading', ...(usable !== undefined && { gpu: usable }) })
  const model = await binding.load(modelPath, { gpu: usable !== undefined })
  const { createDetector, energyBecause } = chooseVoiceDetection(request.voiceModelPath)
  host = createSessionHost({ model, threads, createDetector, send, onFailure: fail })
  send({
    type: 'loaded',
    ...(slowBecause !== undefined && { slowBecause }),
    ...(energyBecause !== undefined && { energyBecause }),
    ...(model.gpu !== undefined && { gpu: model.gpu }),
  })
}

function loadBinding(library: WhisperLibrary): { binding: WhisperBinding; slowBecause?: string } {
  if (library.kind === 'sherpa') return { binding: loadMoonshineBinding() }
  if (library.kind === 'prebuilt') return { binding: loadPrebuiltBinding() }
  try {
    return { binding: loadNativeBinding(library.path) }
  } catch (error) {
    if (library.kind === 'native') throw error
    // Node adds lines that say who wanted it.
    const [slowBecause = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    return { binding: loadPrebuiltBinding(), slowBecause }
  }
}

async function measure({
  library,
  threads,
}: Extract<WhisperRequest, { type: 'measure' }>): Promise<void> {
  if (!('path' in library)) throw new Error(`the ${library.kind} library does not measure`)
  send({ type: 'measured', measure: await measureNatively(library.path, threads) })
}

function receive(request: WhisperRequest): void {
  if (request.type === 'load') load(request).catch(fail)
  else if (request.type === 'measure') measure(request).catch(fail)
  else host?.handle(request)
}

if (parentPort) parentPort.on('message', (event) => receive(event.data as WhisperRequest))
else {
  process.on('message', receive)
  // The owner is gone, perhaps without a word.
  process.on('disconnect', () => process.exit(0))
}
// Ctrl-C goes to the whole group of a terminal, and SIGTERM to all of a service: the owner decides
// when the last finals are out, and this process ends with it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})
try {
  // Captions may wait a moment; the game, the stream and the microphone may not. Not the system's
  // "below normal" (10): that leaves a tenth of a busy CPU, and captions that never come.
  setPriority(Math.min(LOWEST_PRIORITY, getPriority() + NICENESS))
} catch {
  // Not allowed here: then it runs as everything else does.
}
