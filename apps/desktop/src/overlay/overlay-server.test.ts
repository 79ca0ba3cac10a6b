import { once } from 'node:events'
import { connect } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { STREAMS_MAX } from './caption-stream.ts'
import { startOverlayServer } from './overlay-server.ts'
import type { OverlayServer, OverlayServerOptions } from './overlay-server.ts'
import { get, open, readEvents, UPGRADE } from './testing/http-client.ts'
import { final, interim, speakerTo } from './testing/speak.ts'

const GENEROUS = { timeout: 20_000, interval: 10 }

const running: OverlayServer[] = []

async function start(options: OverlayServerOptions = {}) {
  const overlay = await startOverlayServer({ port: 0, ...options })
  running.push(overlay)
  const { port, host } = new URL(overlay.url)
  const captions = `${overlay.url}captions`
  return { overlay, captions, host, port: Number(port), say: speakerTo(overlay.sink) }
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((overlay) => overlay.close()))
})

describe('the overlay page', () => {
  it.each([
    ['', 'text/html; charset=utf-8', 'id="root"'],
    ['?scene=2', 'text/html; charset=utf-8', 'id="root"'],
    ['o/main', 'text/html; charset=utf-8', 'id="root"'],
  ])(
    'is served from /%s under a policy that lets it load nothing else',
    async (path, type, part) => {
      const { overlay } = await start()
      const { status, headers, body } = await get(overlay.url + path)
      expect(status).toBe(200)
      expect(body).toContain(part)
      expect(headers).toMatchObject({
        'content-type': type,
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'same-origin',
      })
      expect(headers['content-security-policy']).toContain(
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self' ws://127.0.0.1:",
      )
    },
  )

  it.each([
    'favicon.ico',
    'index.html',
    'o',
    'o/main/',
    'assets/',
    'fonts/0123456789abcdef',
    'captions/',
    '..%2fpackage.json',
    '%00',
    '//captions',
  ])('has nothing at /%s', async (path) => {
    const { overlay } = await start()
    const { status, headers } = await get(overlay.url + path)
    expect(status).toBe(404)
    expect(headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
    })
  })

  it('answers HEAD without a body', async () => {
    const { overlay } = await start()
    expect(await get(overlay.url, { method: 'HEAD' })).toMatchObject({ status: 200, body: '' })
  })
})

describe('who may read captions', () => {
  it('is this machine only: no other address of it listens', async () => {
    const { port } = await start()
    await expect(open(`http://127.0.0.2:${port}/`)).rejects.toThrow('ECONNREFUSED')
  })

  it.each(['127.0.0.1', 'localhost', 'LocalHost'])('is a page opened as %s', async (name) => {
    const { captions, port } = await start()
    const host = `${name}:${port}`
    const page = await readEvents(captions, { host, origin: `http://${host}` })
    await expect.poll(() => page.shown, GENEROUS).toEqual([[]])
  })

  it('is nobody who came by another name or from another site, which is told once', async () => {
    const log = vi.fn<(sentence: string) => void>()
    const { overlay, captions, host, port } = await start({ log })
    const foreign = [
      { host: `rebound.example:${port}` },
      { host: '127.0.0.1' },
      { host: `127.0.0.1:${port + 1}` },
      { host: `127.0.0.1.example:${port}` },
      { host, origin: 'https://site.example' },
      { host, origin: 'null' },
      { host, origin: `https://${host}` },
      { host, origin: `http://localhost:${port}` },
    ]
    for (const headers of foreign) {
      for (const ask of [headers, { ...headers, ...UPGRADE }]) {
        for (const url of [overlay.url, captions]) {
          const { status, body } = await get(url, { headers: ask })
          expect({ status, ...headers }).toEqual({ status: 403, ...headers })
          expect(body).toMatch(/^(Captions are not for|Open the overlay as)/)
        }
      }
    }
    expect(log).toHaveBeenCalledOnce()
  })

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('is nobody with %s', async (method) => {
    const { captions } = await start()
    const { status, headers } = await get(captions, { method })
    expect(status).toBe(405)
    expect(headers).toMatchObject({
      allow: 'GET, HEAD',
      'content-type': 'text/plain; charset=utf-8',
    })
  })
})

describe('the caption stream', () => {
  it('begins with what there is to show, so that a page opened late catches up', async () => {
    const { captions, say } = await start()
    const early = await readEvents(captions)
    await expect.poll(() => early.shown, GENEROUS).toEqual([[]])
    say(final('Hello.', 900), interim('how', 1500))
    const late = await readEvents(captions)
    await expect.poll(() => late.shown, GENEROUS).toEqual([['Hello.', '[how]']])
    await expect.poll(() => early.shown.at(-1), GENEROUS).toEqual(['Hello.', '[how]'])
  })

  it('sends a change once, and nothing for events that change nothing', async () => {
    const { captions, say } = await start()
    const events = await readEvents(captions)
    say(interim('how', 1500), interim('how', 1700), { type: 'usage', audioMs: 1700 })
    say(final('How?', 1800))
    await expect.poll(() => events.shown, GENEROUS).toEqual([[], ['[how]'], ['How?']])
  })

  it('tells one run of the server from another', async () => {
    const runs = await Promise.all([start(), start()])
    const pages = await Promise.all(runs.map(async ({ captions }) => readEvents(captions)))
    for (const page of pages) await expect.poll(() => page.lastId, GENEROUS).toBeDefined()
    expect(pages[0]?.lastId).not.toBe(pages[1]?.lastId)
  })

  it('lets a page that does not read skip to the newest state instead of piling up', async () => {
    const { captions, say } = await start()
    const slow = await readEvents(captions)
    slow.pause()
    const rounds = 2000
    for (let round = 1; round <= rounds; round += 1) {
      say(interim(`${round} `.padEnd(32_000, '.'), 1000 + round))
      await setImmediate()
    }
    say(final('Newest.', 9000))
    slow.resume()
    await expect
      .poll(() => slow.text.slice(-1000).includes('"text":"Newest."'), GENEROUS)
      .toBe(true)
    // 64 MB were said. What came is what the sockets of the two ends hold, a few MB at most.
    expect(slow.text.length).toBeLessThan(32_000_000)
  }, 60_000)

  it('ends for a page that answers no ping, and for no other', async () => {
    const { captions, overlay, port, say } = await start({ pingMs: 200 })
    const page = await readEvents(captions)
    const upgrade = Object.entries({ host: `127.0.0.1:${port}`, ...UPGRADE })
    const head = upgrade.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    const stalled = connect(port, '127.0.0.1')
    stalled.write(`GET /captions HTTP/1.1\r\n${head}\r\n`)
    stalled.on('error', () => undefined).resume()
    await once(stalled, 'close')
    await expect.poll(() => overlay.viewers, GENEROUS).toBe(1)
    say(final('Still here.', 900))
    await expect.poll(() => page.shown.at(-1), GENEROUS).toEqual(['Still here.'])
  })

  it('ends for a client that sends what no page sends, and for no other', async () => {
    const { captions, port, say } = await start()
    const page = await readEvents(captions)
    const upgrade = Object.entries({ host: `127.0.0.1:${port}`, ...UPGRADE })
    const head = upgrade.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    const socket = connect(port, '127.0.0.1')
    socket.write(`GET /captions HTTP/1.1\r\n${head}\r\n${'no frame at all '.repeat(200)}`)
    socket.on('error', () => undefined).resume()
    await once(socket, 'close')
    say(final('Still here.', 900))
    await expect.poll(() => page.shown.at(-1), GENEROUS).toEqual(['Still here.'])
  })

  it('is told from a request for a page', async () => {
    const { captions, overlay } = await start()
    expect(await get(captions)).toMatchObject({ status: 426, headers: { upgrade: 'websocket' } })
    expect((await get(`${overlay.url}clock`, { headers: UPGRADE })).status).toBe(404)
  })

  it('is refused beyond the stated number of pages, and had again once one is closed', async () => {
    const { captions } = await start()
    const pages = []
    for (let n = 0; n < STREAMS_MAX; n += 1) pages.push(await readEvents(captions))
    const more = await get(captions, { headers: UPGRADE })
    expect(more).toMatchObject({ status: 503, headers: { 'retry-after': '5' } })
    pages[0]?.close()
    const again = async () => readEvents(captions).then(() => 'open', String)
    await expect.poll(again, GENEROUS).toBe('open')
  })
})

describe('an overlay server', () => {
  it('ends its streams and frees its port when it is closed', async () => {
    const { overlay, captions, port } = await start()
    const events = await readEvents(captions)
    await overlay.close()
    await overlay.close()
    await expect.poll(() => events.ended, GENEROUS).toBe(true)
    const next = await start({ port })
    expect(next.overlay.url).toBe(overlay.url)
  })

  it('can be told more after it was closed', async () => {
    const { overlay, say } = await start()
    await overlay.close()
    expect(() => say(final('Late.', 900))).not.toThrow()
  })

  it('says which port is taken and how to choose another', async () => {
    const { port } = await start()
    await expect(startOverlayServer({ port })).rejects.toMatchObject({
      name: 'OverlayError',
      code: 'port_taken',
      message: expect.stringMatching(`Port ${port} is taken: choose another`),
    })
  })

  it('says that a port does not exist, and how to choose one that does', async () => {
    await expect(startOverlayServer({ port: 65_536 })).rejects.toMatchObject({
      name: 'OverlayError',
      code: 'port_refused',
      message: expect.stringMatching(/Port 65536 does not exist: choose another/),
    })
  })
})
