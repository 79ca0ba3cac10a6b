// Sees when a held key goes up, which the system's own hotkeys do not tell. Runs only while
// push-to-talk has a key; native code, so in a process of its own. No key ever leaves it.
import { createHeldKeys } from './held-keys.ts'
import type { KeyReply, KeyRequest } from './key-messages.ts'

interface ParentPort {
  postMessage(message: KeyReply): void
  on(event: 'message', listener: (event: { data: unknown }) => void): void
}

const { parentPort } = process as unknown as { parentPort: ParentPort }
const send: (reply: KeyReply) => void = parentPort.postMessage.bind(parentPort)
const keys = createHeldKeys()

try {
  const { uIOhook } = await import('uiohook-napi')
  uIOhook.on('keydown', ({ keycode }) => keys.down(keycode))
  uIOhook.on('keyup', ({ keycode }) => keys.up(keycode))
  uIOhook.start()
  parentPort.on('message', ({ data }) => {
    const { seq } = data as KeyRequest
    keys.watch((how) => send({ type: 'released', seq, how }))
  })
  send({ type: 'ready' })
} catch (error) {
  send({ type: 'failed', reason: String(error) })
}
