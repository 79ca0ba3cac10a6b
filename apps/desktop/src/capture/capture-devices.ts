import { CaptureError } from '../core/ports.ts'
import type { StartCaptureChild } from './capture-child.ts'
import { forkCaptureChild } from './capture-child.ts'
import type { CaptureDevice } from './capture-messages.ts'

export type { CaptureDevice } from './capture-messages.ts'

const TIMEOUT_MS = 15_000

/**
 * The microphones of this machine as they are now: a fresh process asks, because PortAudio knows
 * only the devices that were there when it started. Empty where there is none.
 * @throws CaptureError `capture_unavailable`
 */
export async function listCaptureDevices(
  start: StartCaptureChild = forkCaptureChild,
): Promise<readonly CaptureDevice[]> {
  const child = start({ do: 'list' })
  let timer: NodeJS.Timeout | undefined
  try {
    return await new Promise((resolve, reject) => {
      const fail = (cause: unknown) =>
        reject(new CaptureError('capture_unavailable', 'The microphones cannot be listed.', cause))
      child.onMessage((message) => {
        if (message.type === 'devices') resolve(message.devices)
        if (message.type === 'failed')
          reject(new CaptureError(message.code, message.sentence, message.cause))
      })
      child.onExit(fail)
      timer = setTimeout(() => fail('no answer'), TIMEOUT_MS)
    })
  } finally {
    clearTimeout(timer)
    child.stop()
  }
}
