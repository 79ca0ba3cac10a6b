import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { captionMessages } from './caption-messages.ts'
import type { CaptionMessage } from './desktop-state.ts'
import type { HostMessage } from './rpc-messages.ts'
import type { RpcServer } from './rpc-server.ts'
import { serveRpc } from './rpc-server.ts'
import { procedure, router } from './trpc.ts'
import { UNTAKEN_MAX } from './untaken-values.ts'

const SOON = { timeout: 20_000 }
const HUNG_AFTER_MS = 2000

let tell: (message: CaptionMessage) => void = () => undefined
const SNAPSHOT: CaptionMessage = { type: 'snapshot', captions: [], interim: 'all of it' }
const testRouter = router({
  ping: procedure.query(() => 'pong'),
  onCaptions: procedure.subscription(async function* ({ signal }) {
    const captions = {
      snapshot: () => SNAPSHOT,
      onMessage(listener: (message: CaptionMessage) => void) {
        tell = listener
        return () => undefined
      },
    }
    yield* captionMessages(captions, signal ?? new AbortController().signal)
  }),
})

let said: HostMessage[]
let rpc: RpcServer
const onHung = vi.fn<() => void>()
beforeEach(() => {
  said = []
  onHung.mockClear()
  const options = { onHung, hungAfterMs: HUNG_AFTER_MS }
  rpc = serveRpc(testRouter, (message) => said.push(message), options)
  rpc.receive({ id: 1, type: 'subscription', path: 'onCaptions' })
})
afterEach(() => rpc.close())

const values = () =>
  said.flatMap((message) => (message.id === 1 && message.type === 'data' ? [message.data] : []))

function speak(count: number): void {
  for (let number = 1; number <= count; number++) {
    const times = { startMs: number, endMs: number + 1 }
    tell({ type: 'final', caption: { id: number, text: 'word', ...times, isFallback: false } })
  }
}

it('sends a window that hangs a bounded number of captions, and all anew when it goes on', async () => {
  await vi.waitFor(() => expect(values()).toHaveLength(1), SOON)
  speak(10_000)
  await vi.waitFor(() => expect(values()).toHaveLength(UNTAKEN_MAX), SOON)
  rpc.receive({ id: 2, type: 'query', path: 'ping' })
  await vi.waitFor(() => expect(said.at(-1)).toMatchObject({ id: 2, data: 'pong' }), SOON)
  speak(10_000)
  expect(values()).toHaveLength(UNTAKEN_MAX)

  rpc.receive({ id: 1, type: 'taken', values: UNTAKEN_MAX })
  await vi.waitFor(() => expect(values().slice(1)).toContainEqual(SNAPSHOT), SOON)
})

it('believes no window that it took more than there was', async () => {
  await vi.waitFor(() => expect(values()).toHaveLength(1), SOON)
  rpc.receive({ id: 1, type: 'taken', values: 1_000_000 })
  rpc.receive({ id: 9, type: 'taken', values: 1 })
  speak(400)
  await vi.waitFor(() => expect(values()).toHaveLength(UNTAKEN_MAX + 1), SOON)
  expect(said.every(({ type }) => type === 'data')).toBe(true)
})

it('finds a window that hangs', async () => {
  await vi.waitFor(() => expect(onHung).toHaveBeenCalled(), SOON)
})

it('holds no window to hang that takes what it is sent, or has nothing to take', async () => {
  await vi.waitFor(() => expect(values()).toHaveLength(1), SOON)
  rpc.receive({ id: 1, type: 'taken', values: 1 })
  const beganMs = performance.now()
  let taken = 1
  while (performance.now() - beganMs < HUNG_AFTER_MS * 1.5) {
    speak(1)
    await vi.waitFor(() => expect(values()).toHaveLength(taken + 1), SOON)
    rpc.receive({ id: 1, type: 'taken', values: (taken += 1) })
  }
  expect(onHung).not.toHaveBeenCalled()
})
