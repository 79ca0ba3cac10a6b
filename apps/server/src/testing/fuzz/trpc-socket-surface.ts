import { mutateBytes } from './mutate-bytes.ts'
import { mutateJson } from './mutate-json.ts'
import type { Random } from './random.ts'
import type { FuzzTarget, Surface } from './surface.ts'
import { randomAddress, runCases } from './surface.ts'
import { trpcCalls } from './trpc-calls.ts'
import { exchangeWebSocket } from './websocket-exchange.ts'
import { BINARY, brokenFrame, CLOSE, encodeFrame, TEXT } from './websocket-frames.ts'

const MESSAGES = 20
const LAST_ID = 999_999
const TIMEOUT_MS = 30_000

/** Messages of tRPC's WebSocket, several to a connection; the last one is good, and is answered. */
export const trpcSocketSurface: Surface = {
  name: 'trpc-ws',
  async run(target, { cases, random, witness }) {
    let token = await target.newToken()
    let connections = 0
    await runCases(cases, MESSAGES, async () => {
      if (++connections % 500 === 0) token = await target.newToken()
      const isKnown = random.chance(0.6)
      const intro = { method: 'connectionParams', data: isKnown ? { token } : null }
      const frames = Array.from({ length: MESSAGES }, () => oddMessage(random, target))
      const isBroken = random.chance(0.2)
      const end = isBroken ? brokenFrame(random, Buffer.from('{}')) : lastCall()
      const first = Buffer.concat([introduce(random, intro), ...frames, end])
      const { status, closeCode, isLate } = await exchangeWebSocket(target.url, {
        path: '/trpc?connectionParams=1',
        first,
        timeoutMs: TIMEOUT_MS,
        headers: [`X-Forwarded-For: ${randomAddress(random)}`],
        onText(text, send) {
          witness.saw(kindOf(text), text, first)
          if (text.includes('"code":"internal"')) witness.complain(text.slice(0, 200), first)
          if (text.includes(`"id":${LAST_ID},`)) {
            send(encodeFrame({ opcode: CLOSE, payload: Buffer.from([3, 232]) }))
          }
        },
      })
      witness.saw(`${status} close ${closeCode}`, '', first)
      if (isLate && !isBroken) witness.complain('the good call after the bad ones hangs', first)
      if (closeCode === 1011) witness.complain('close 1011', first)
    })
  },
}

function introduce(random: Random, intro: unknown): Buffer {
  const payload = random.chance(0.2)
    ? mutateJson(random, intro)
    : Buffer.from(JSON.stringify(intro))
  return encodeFrame({ opcode: TEXT, payload })
}

function lastCall(): Buffer {
  const call = { id: LAST_ID, method: 'query', params: { path: 'billing.packages' } }
  return encodeFrame({ opcode: TEXT, payload: Buffer.from(JSON.stringify(call)) })
}

function oddMessage(random: Random, { password }: FuzzTarget): Buffer {
  const { method, path, input } = random.pick(trpcCalls(password))
  const call = { id: random.int(50), jsonrpc: '2.0', method, params: { path, input } }
  const stop = { id: random.int(50), method: 'subscription.stop' }
  const message = random.pick([call, call, call, [call, stop], stop])
  const payload = mutateJson(random, message)
  if (random.chance(0.03)) return encodeFrame({ opcode: BINARY, payload })
  return encodeFrame({
    opcode: TEXT,
    payload: random.chance(0.02)
      ? Buffer.from(mutateBytes(random, payload).toString('utf8'))
      : payload,
  })
}

function kindOf(text: string): string {
  return /"code":"([a-z_]+)"/.exec(text)?.[1] ?? (text.includes('"result"') ? 'result' : 'other')
}
