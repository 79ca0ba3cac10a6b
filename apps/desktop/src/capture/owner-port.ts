import type { CaptureControl, CaptureMessage } from './capture-messages.ts'
import { createFrameCredit } from './frame-credit.ts'

/** Electron's utilityProcess has this instead of process.send(). */
interface ParentPort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { data: unknown }) => void): void
}

/** The owner, seen from the capture process. */
export interface OwnerPort {
  /** Never waits. `sent` is called when the message has left, or the owner is gone. */
  post(message: CaptureMessage, sent?: () => void): void
  /** One listener, which also gets what was told before. */
  onControl(listener: (control: CaptureControl) => void): void
  /** Called when the owner is gone or lets go; a utilityProcess is ended from outside instead. */
  onGone(listener: () => void): void
}

/** Speaks to the owner over whichever channel this process was started with. */
export function connectOwner(): OwnerPort {
  const { parentPort } = process as { parentPort?: ParentPort }
  const toParent = parentPort?.postMessage.bind(parentPort)
  // What is told before somebody listens, while the driver loads.
  let early: CaptureControl[] = []
  let listener = (control: CaptureControl): void => void early.push(control)
  const credit = createFrameCredit()
  if (parentPort) {
    parentPort.on('message', ({ data }) => {
      const control = data as CaptureControl
      if (control.do === 'taken') credit.taken(control.frames)
      else listener(control)
    })
  }
  if (!parentPort) process.on('message', (control) => listener(control as CaptureControl))

  return {
    post(message, sent = () => undefined) {
      if (process.connected) process.send?.(message, undefined, undefined, sent)
      else {
        toParent?.(message)
        // Chromium's channel does not tell: the owner does, of audio.
        if (message.type === 'audio') credit.posted(sent)
        else setImmediate(sent)
      }
    },
    onControl(next) {
      listener = next
      const told = early
      early = []
      for (const control of told) next(control)
    },
    onGone: (listener) => void process.on('disconnect', listener),
  }
}
