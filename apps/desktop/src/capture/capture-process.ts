/**
 * The process that records: the only one that loads naudiodon (PortAudio), whose native code may
 * crash or hang and knows of new devices only when it is started anew. It ends when its owner does.
 */
import type { CaptureErrorCode } from '../core/ports.ts'
import { CaptureError } from '../core/ports.ts'
import { readEnv } from '../env.ts'
import type { InputStream, Naudiodon } from './audio-driver.ts'
import { inputDevices, loadNaudiodon, openInput } from './audio-driver.ts'
import type { CaptureTask } from './capture-messages.ts'
import { chooseDevice } from './choose-device.ts'
import { answerWithDevices } from './device-lister.ts'
import { connectOwner } from './owner-port.ts'
import { lookAtPluggedDevices } from './plugged-devices.ts'
import { record } from './recorder.ts'

/** naudiodon's quit() never calls back where the device has stalled. */
const QUIT_TIMEOUT_MS = 300
/** Of the driver's own words. */
const CAUSE_CHARS_MAX = 1000

let stream: InputStream | undefined
const owner = connectOwner()
owner.onGone(quit)
// Ctrl-C reaches this process too; its owner decides what it means.
process.on('SIGINT', () => undefined)

try {
  const task = JSON.parse(process.argv[2] ?? '') as CaptureTask
  const naudiodon = await loadNaudiodon()
  carryOut(task, naudiodon)
} catch (error) {
  if (error instanceof CaptureError) fail(error.code, error.message, error.cause)
  else fail('no_microphone', 'The microphone failed in an unexpected way: try again.', error)
}

function carryOut(task: CaptureTask, naudiodon: Naudiodon): void {
  const listDevices = () => inputDevices(naudiodon)
  switch (task.do) {
    case 'list':
      return owner.post({ type: 'devices', devices: listDevices(), plugged: [], cpuMs: 0 }, quit)
    case 'list-when-asked': {
      const { alsaConfigFile } = readEnv()
      const look = () => lookAtPluggedDevices(alsaConfigFile)
      return answerWithDevices({ owner, listDevices, look, now: () => performance.now() })
    }
    case 'capture':
    case 'meter': {
      const device = chooseDevice(listDevices(), task.device)
      const { input, format } = openInput(naudiodon, device, task.channel ?? 'mix')
      stream = input
      const stopped = (cause?: unknown) =>
        fail('no_microphone', `The microphone ${device.name} stopped.`, cause)
      input.once('error', stopped)
      input.once('end', stopped)
      owner.post({ type: 'opened', deviceName: device.name })
      record({ task, input, format, owner })
      return input.start()
    }
  }
}

function fail(code: CaptureErrorCode, sentence: string, cause?: unknown): void {
  const reason = cause instanceof Error ? { cause: cause.message.slice(0, CAUSE_CHARS_MAX) } : {}
  owner.post({ type: 'failed', code, sentence, ...reason }, quit)
}

/** Lets go of the device, then of everything, in bounded time. */
function quit(): void {
  // process.exit() would wait for the thread that is inside a stalled read.
  const end = () => void process.kill(process.pid, 'SIGKILL')
  if (!stream) return end()
  setTimeout(end, QUIT_TIMEOUT_MS)
  stream.quit(end)
}
