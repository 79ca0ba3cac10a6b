import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { PaintedCaption } from '../core/latency.ts'
import type { OverlayServer } from './overlay-server.ts'
import { startOverlayServer } from './overlay-server.ts'
import { CHROMIUM_NOTE, launchChromium, shownOn } from './testing/chromium.ts'
import { get, readEvents } from './testing/http-client.ts'
import { final, interim, speakerTo } from './testing/speak.ts'

const GENEROUS = { timeout: 30_000, interval: 25 }

let overlay: OverlayServer
let paints: PaintedCaption[]

beforeEach(async () => {
  paints = []
  overlay = await startOverlayServer({ port: 0, onPaint: (paint) => paints.push(paint) })
})

afterEach(() => overlay.close())

describe('a report of paints', () => {
  /** Says one thing and returns the id of its event. */
  async function sayOne(): Promise<string> {
    const events = await readEvents(`${overlay.url}captions`)
    speakerTo(overlay.sink)(final('Hello.', 900))
    await expect.poll(() => events.shown.at(-1), GENEROUS).toEqual(['Hello.'])
    return events.lastId ?? ''
  }

  function post(body: string, headers: Record<string, string | undefined> = {}) {
    const { host } = new URL(overlay.url)
    const all = { host, origin: `http://${host}`, 'content-type': 'application/json', ...headers }
    const sent = Object.entries(all).filter(([, value]) => value !== undefined)
    const url = `${overlay.url}painted`
    return get(url, { method: 'POST', headers: Object.fromEntries(sent), body })
  }

  function report(eventId: string, paintedAtMs = performance.now(), uncertaintyMs = 1): string {
    return JSON.stringify({ paints: [{ eventId, paintedAtMs, uncertaintyMs }] })
  }

  it('is handed on with the caption that it tells of', async () => {
    const eventId = await sayOne()
    expect((await post(report(eventId))).status).toBe(204)
    expect(paints).toMatchObject([{ kind: 'final', endMs: 900, uncertaintyMs: 1 }])
  })

  it('is dropped where it cannot be true', async () => {
    const eventId = await sayOne()
    const now = performance.now()
    for (const body of [report('other-1'), report(eventId, 0), report(eventId, now + 60_000)]) {
      expect((await post(body)).status).toBe(204)
    }
    expect(paints).toEqual([])
  })

  it.each([
    ['comes from another site', { origin: 'https://site.example' }, 403],
    ['does not say where it comes from', { origin: undefined }, 403],
    ['is a form, which any site can send', { 'content-type': 'text/plain' }, 415],
  ])('is refused where it %s', async (_what, headers, expected) => {
    const eventId = await sayOne()
    expect((await post(report(eventId), headers)).status).toBe(expected)
    expect(paints).toEqual([])
  })

  it.each([
    ['is not JSON', 'x', 400],
    ['has another shape', '{"paints":[{}]}', 400],
    ['has no length', '{"paints":{"length":{"valueOf":0,"toString":0}}}', 400],
    ['is endless', `{"paints":"${'x'.repeat(10_000)}"}`, 413],
  ])('is refused where it %s', async (_what, body, expected) => {
    expect((await post(body)).status).toBe(expected)
  })

  it('is the only thing that can be posted, and cannot be had', async () => {
    for (const path of ['painted', 'painted?', 'painted?again=1']) {
      const answer = await get(overlay.url + path)
      expect(answer).toMatchObject({ status: 405, headers: { allow: 'POST' } })
    }
  })
})

describe.skipIf(CHROMIUM_NOTE !== '')(
  `paints in a real browser${CHROMIUM_NOTE}`,
  { timeout: 60_000 },
  () => {
    let browser: Browser
    let page: Page

    beforeAll(async () => {
      browser = await launchChromium()
    }, 60_000)

    afterAll(() => browser.close())

    it('are told with the time on our clock, and not for what was said before', async () => {
      const say = speakerTo(overlay.sink)
      say(final('Before.', 500))
      page = await browser.newPage()
      const compared = page.waitForResponse('**/clock')
      await page.goto(overlay.url)
      await expect.poll(() => shownOn(page), GENEROUS).toEqual(['Before.'])
      await compared
      const times = new Map<number, number>()
      for (const endMs of [1000, 2000, 3000]) {
        const guess = interim(`word ${endMs}`, endMs)
        times.set(endMs, performance.now())
        say(guess)
        await expect.poll(() => shownOn(page), GENEROUS).toEqual(['Before.', `[word ${endMs}]`])
      }
      await expect.poll(() => paints.at(-1)?.endMs, GENEROUS).toBe(3000)
      for (const { kind, endMs, paintedAtMs, uncertaintyMs } of paints) {
        expect(kind).toBe('interim')
        const saidAtMs = times.get(endMs) ?? Infinity
        expect(paintedAtMs + uncertaintyMs).toBeGreaterThan(saidAtMs)
        expect(paintedAtMs - uncertaintyMs).toBeLessThan(performance.now())
      }
      await page.close()
    })
  },
)
