import { TRANSCRIBE_PATH } from '@saywire/protocol'
import { mutateJson } from './mutate-json.ts'
import type { Random } from './random.ts'
import type { Surface } from './surface.ts'
import { randomAddress, runCases } from './surface.ts'
import { exchangeWebSocket } from './websocket-exchange.ts'
import { BINARY, brokenFrame, encodeFrame, TEXT } from './websocket-frames.ts'

/** A session ignores so many bad messages and ends with the 20th: about half of these are bad. */
const MESSAGES = 24
const TIMEOUT_MS = 60_000

const SIZES = [
  0, 1, 2, 3, 33, 639, 640, 3200, 3201, 20_000, 65_535, 65_536, 65_537, 70_000,
] as const
const CONTROLS = [
  { type: 'finalize' },
  { type: 'keepalive' },
  { type: 'configure', config: { language: 'de', endpointing: 300, keyterm: ['a'] } },
  { type: 'configure', punctuate: true, language: 'en' },
  { type: 'auth', token: 'x.y.z' },
] as const

/** What comes in during a session: audio of odd sizes, broken control messages, broken frames. */
export const sessionSurface: Surface = {
  name: 'session',
  run: async (target, { cases, random, witness }) =>
    runCases(cases, MESSAGES, async () => {
      const token = await target.newToken()
      const auth = encodeFrame({
        opcode: TEXT,
        payload: Buffer.from(JSON.stringify({ type: 'auth', token })),
      })
      const frames = Array.from({ length: MESSAGES }, () => oddMessage(random))
      const end = random.chance(0.05)
        ? brokenFrame(random, Buffer.from('{"type":"stop"}'))
        : encodeFrame({ opcode: TEXT, payload: Buffer.from('{"type":"stop"}') })
      const messages = Buffer.concat([...frames, end])
      let isReady = false
      const { status, closeCode, isLate } = await exchangeWebSocket(target.url, {
        path: TRANSCRIBE_PATH,
        first: auth,
        timeoutMs: TIMEOUT_MS,
        headers: [`X-Forwarded-For: ${randomAddress(random)}`],
        onText(text, send) {
          const kind = /"type":"(\w+)"/.exec(text)?.[1] ?? 'other'
          const code = kind === 'error' ? /"code":"(\w+)"/.exec(text)?.[1] : undefined
          witness.saw(code ?? kind, text, messages)
          if (code === 'internal') witness.complain(text.slice(0, 200), messages)
          if (kind === 'ready') {
            isReady = true
            send(messages)
          }
        },
      })
      witness.saw(`${status} close ${closeCode}`, '', messages)
      if (isLate) witness.complain('a session does not end', messages)
      // 1013: there is too much to do.
      if (!isReady && closeCode !== 1013)
        witness.complain(`no session: ${status} close ${closeCode}`, messages)
    }),
}

function oddMessage(random: Random): Buffer {
  if (random.chance(0.5)) {
    // Mostly small: ten seconds of audio may come at once, no more.
    const size = random.chance(0.05) ? random.pick(SIZES) : random.int(1500)
    return encodeFrame({ opcode: BINARY, payload: Buffer.alloc(size, random.int(256)) })
  }
  const payload = mutateJson(random, random.pick(CONTROLS))
  return encodeFrame({ opcode: TEXT, payload: Buffer.from(payload.toString('utf8')) })
}
