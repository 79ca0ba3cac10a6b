import { TRANSCRIBE_PATH } from '@saywire/protocol'
import { mutateJson } from './mutate-json.ts'
import type { Random } from './random.ts'
import type { FuzzTarget, Surface, SurfaceOptions } from './surface.ts'
import { randomAddress, runCases } from './surface.ts'
import { exchangeWebSocket } from './websocket-exchange.ts'
import { BINARY, brokenFrame, encodeFrame, TEXT } from './websocket-frames.ts'

/** The server gives a client 5 s, and a backend as long as it takes to end a session. */
const TIMEOUT_MS = 40_000
const CASES_PER_TOKEN = 40

const FULL_CONFIG = {
  model: 'nova-3',
  language: 'en-US',
  interim_results: true,
  endpointing: 300,
  utterance_end_ms: 1000,
  punctuate: true,
  smart_format: false,
  numerals: true,
  profanity_filter: false,
  keyterm: ['Saywire', 'OBS'],
  keywords: ['stream:2'],
  replace: ['a:b'],
  diarize: false,
  translate: false,
  filler_words: true,
}
const RESUME = { session_id: 'ses_1', resume_token: 'x'.repeat(43), horizon_ms: 1000 }

/** The first message on the audio WebSocket: one connection for each case. */
export const authSurface: Surface = {
  name: 'auth',
  run: async (target, options) =>
    runFirstMessages(target, options, (random, token) => {
      const auth = { type: 'auth', token, config: { language: 'en' }, resume: RESUME }
      const other = { type: random.pick(['finalize', 'stop', 'configure', 'keepalive', 'ready']) }
      const message = random.chance(0.85) ? auth : { ...other, config: {} }
      const payload = mutateJson(random, message)
      if (random.chance(0.05)) return brokenFrame(random, payload)
      if (random.chance(0.05)) return encodeFrame({ opcode: BINARY, payload })
      if (random.chance(0.05)) return inPieces(random, payload)
      return encodeFrame({ opcode: TEXT, payload })
    }),
}

/** The settings in it: with a good token, those that are still right reach the speech backend. */
export const configSurface: Surface = {
  name: 'config',
  run: async (target, options) =>
    runFirstMessages(target, options, (random, token) => {
      const used = Object.entries(FULL_CONFIG).filter(() => random.chance(0.5))
      const config = mutateJson(random, Object.fromEntries(used))
      const head = Buffer.from(`{"type":"auth","token":${JSON.stringify(token)},"config":`)
      return encodeFrame({ opcode: TEXT, payload: Buffer.concat([head, config, Buffer.from('}')]) })
    }),
}

async function runFirstMessages(
  target: FuzzTarget,
  { cases, random, witness }: SurfaceOptions,
  firstFrame: (random: Random, token: string) => Buffer,
): Promise<void> {
  let token = await target.newToken()
  let count = 0
  await runCases(cases, 1, async () => {
    if (++count % CASES_PER_TOKEN === 0) token = await target.newToken()
    const first = firstFrame(random, random.chance(0.2) ? token : `${token}x`)
    const { status, closeCode, isLate } = await exchangeWebSocket(target.url, {
      path: TRANSCRIBE_PATH,
      first,
      timeoutMs: TIMEOUT_MS,
      headers: [`X-Forwarded-For: ${randomAddress(random)}`],
      onText(text, send) {
        witness.saw(/"(?:code|type)":"(\w+)"[^}]*$/.exec(text)?.[1] ?? 'other', text, first)
        if (text.includes('"code":"internal"')) witness.complain(text.slice(0, 200), first)
        // It was good after all.
        if (text.startsWith('{"type":"ready"')) {
          send(encodeFrame({ opcode: BINARY, payload: Buffer.alloc(640) }))
          send(encodeFrame({ opcode: TEXT, payload: Buffer.from('{"type":"stop"}') }))
        }
      },
    })
    witness.saw(`${status} close ${closeCode}`, '', first)
    if (isLate) witness.complain('a connection is not ended in time', first)
    if (closeCode === 1011) witness.complain('close 1011', first)
  })
}

/** As fragments, which the server must put together within its bound. */
function inPieces(random: Random, payload: Buffer): Buffer {
  const at = random.int(payload.length + 1)
  return Buffer.concat([
    encodeFrame({ opcode: TEXT, payload: payload.subarray(0, at), isLast: false }),
    encodeFrame({ opcode: 9, payload: Buffer.from('ping') }),
    encodeFrame({ opcode: 0, payload: payload.subarray(at) }),
  ])
}
