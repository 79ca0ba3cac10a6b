import type { CaptureChild, StartCaptureChild } from '../capture-child.ts'
import type { CaptureControl, CaptureMessage, CaptureTask } from '../capture-messages.ts'

/** A capture process that says what the test makes it say, at that very moment. */
export interface FakeCaptureChild extends CaptureChild {
  readonly task: CaptureTask
  /** What it was told. */
  readonly posted: readonly CaptureControl[]
  readonly ending: 'stopped' | 'killed' | undefined
  say(message: CaptureMessage): void
  /** Says 20 ms of audio. */
  sound(): void
  exit(lastWords?: string): void
}

/** Starts fakes; `children` holds them in order. A fake that is stopped or killed exits at once. */
export function createFakeCapture(): { start: StartCaptureChild; children: FakeCaptureChild[] } {
  const children: FakeCaptureChild[] = []
  return {
    children,
    start(task) {
      const child = fakeChild(task)
      children.push(child)
      return child
    },
  }
}

function fakeChild(task: CaptureTask): FakeCaptureChild {
  const posted: CaptureControl[] = []
  const listeners: ((message: CaptureMessage) => void)[] = []
  const exitListeners: ((lastWords: string) => void)[] = []
  let ending: FakeCaptureChild['ending']
  let gone = false

  const say = (message: CaptureMessage) => {
    for (const listener of listeners) listener(message)
  }
  function exit(lastWords = ''): void {
    if (gone) return
    gone = true
    for (const listener of exitListeners) listener(lastWords)
  }

  return {
    task,
    posted,
    get ending() {
      return ending
    },
    say,
    sound: () => say({ type: 'audio', pcm: new Uint8Array(640) }),
    exit,
    onMessage: (listener) => void listeners.push(listener),
    onExit: (listener) => void exitListeners.push(listener),
    post: (control) => void posted.push(control),
    stop() {
      ending ??= 'stopped'
      exit()
    },
    kill() {
      ending ??= 'killed'
      exit()
    },
  }
}
