import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { TRANSCRIBE_PATH } from '@saywire/protocol'
import { expect, onTestFinished, test } from 'vitest'
import { startTestApp } from '../testing/test-app.ts'
import { createTestDatabase } from '../testing/test-database.ts'

const HOST = 'Host: localhost\r\n'
const UPGRADE =
  `${HOST}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
/** What each sends at once, what it adds byte by byte, and by when it must be cut off, ms. */
const LORISES = {
  'the headers': [`GET /health HTTP/1.1\r\n${HOST}X-A: `, 'a', 8000],
  'the body': [`POST /auth/login HTTP/1.1\r\n${HOST}Content-Length: 5000\r\n\r\n`, 'a', 14_000],
  'the login on the audio socket': [`GET ${TRANSCRIBE_PATH} HTTP/1.1\r\n${UPGRADE}`, '', 10_000],
  'the first message, which never ends': [
    `GET ${TRANSCRIBE_PATH} HTTP/1.1\r\n${UPGRADE}\u0081\u00fe\u0010\u0000aaaa`,
    'a',
    10_000,
  ],
  'the login on the other socket': [
    `GET /trpc?connectionParams=1 HTTP/1.1\r\n${UPGRADE}`,
    '',
    10_000,
  ],
} as const
const OF_EACH = 30
const DRIP_MS = 200

test('whoever dawdles over any part is cut off in time, and keeps nobody waiting meanwhile', async () => {
  const database = await createTestDatabase()
  const app = await startTestApp(database.url)
  onTestFinished(async () => {
    await app.close()
    await database.drop()
  })
  const port = Number(new URL(app.url).port)

  /** @returns after how long the server ended the connection, ms */
  async function dawdle(first: string, drip: string): Promise<number> {
    const startedMs = performance.now()
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    socket.on('error', () => undefined).resume()
    socket.write(Buffer.from(first, 'latin1'))
    const dripping = setInterval(() => {
      if (drip !== '' && socket.writable) socket.write(drip)
    }, DRIP_MS)
    await new Promise<void>((resolve) => {
      socket.once('close', () => resolve())
      socket.once('end', () => resolve())
    })
    clearInterval(dripping)
    socket.destroy()
    return performance.now() - startedMs
  }

  let isOver = false
  const lorises = Object.entries(LORISES).flatMap(([name, [first, drip, maxMs]]) =>
    Array.from({ length: OF_EACH }, async () => ({
      name,
      isInTime: (await dawdle(first, drip)) < maxMs,
    })),
  )
  const all = Promise.all(lorises).finally(() => (isOver = true))
  const waitsMs: number[] = []
  while (!isOver) {
    const startedMs = performance.now()
    expect((await fetch(`${app.url}/health`)).status).toBe(200)
    waitsMs.push(performance.now() - startedMs)
    await sleep(250)
  }
  const late = (await all).filter(({ isInTime }) => !isInTime)
  expect(late).toEqual([])
  expect(waitsMs.toSorted((a, b) => a - b)[Math.floor(waitsMs.length / 2)]).toBeLessThan(500)
})
