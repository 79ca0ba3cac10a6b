import { overlayStyleSchema } from '@saywire/overlay'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startOverlayServer } from './overlay-server.ts'
import type { OverlayServer } from './overlay-server.ts'
import { CHROMIUM_NOTE, launchChromium, ofLines, shownOn } from './testing/chromium.ts'
import { committed, final, interim, speakerTo } from './testing/speak.ts'

const GENEROUS = { timeout: 30_000, interval: 25 }

/** Evaluated in the page: the box of captions, and lines, that stick out of what is in sight. */
const OUTSIDE = `[
  ...[document.querySelector('#captions')].filter((e) => {
    const { top, bottom } = e.getBoundingClientRect()
    return top < 0 || bottom > innerHeight
  }),
  ...[...document.querySelectorAll('.line')].filter((e) => {
    const { left, right } = e.getBoundingClientRect()
    return left < 0 || right > innerWidth || e.scrollWidth > e.clientWidth
  }),
].map((e) => e.outerHTML.slice(0, 100))`

describe.skipIf(CHROMIUM_NOTE !== '')(
  `the overlay in a real browser${CHROMIUM_NOTE}`,
  { timeout: 60_000 },
  () => {
    let browser: Browser
    let page: Page
    let overlay: OverlayServer

    beforeAll(async () => {
      browser = await launchChromium()
    }, 60_000)

    afterAll(() => browser.close())

    afterEach(async () => {
      await page.close()
      await overlay.close()
    })

    /** The page as OBS opens it, connected. */
    async function openPage(): Promise<
      (...events: Parameters<ReturnType<typeof speakerTo>>) => void
    > {
      overlay = await startOverlayServer({ port: 0 })
      page = await browser.newPage({ viewport: { width: 1280, height: 720 } })
      await page.goto(overlay.url)
      await expect.poll(() => page.locator('#status').count(), GENEROUS).toBe(0)
      return speakerTo(overlay.sink)
    }

    const shown = () => shownOn(page)

    it('shows a guess, replaces it, and freezes the final in its place', async () => {
      const say = await openPage()
      say(interim('I scream', 600))
      await expect.poll(shown, GENEROUS).toEqual(['[I scream]'])
      await page.evaluate('window.first = document.querySelector(".line")')
      say(interim('ice cream', 900))
      await expect.poll(shown, GENEROUS).toEqual(['[ice cream]'])
      say(final('Ice cream.', 1000), interim('and', 1600))
      await expect.poll(shown, GENEROUS).toEqual(['Ice cream.', '[and]'])
      expect(await page.evaluate('window.first === document.querySelector(".line")')).toBe(true)
    })

    it('shows the settled beginning of a guess as it will stay, and the rest apart', async () => {
      const say = await openPage()
      const colours = async () =>
        page.evaluate(`[...document.querySelectorAll('.line.interim, .line.interim .settled')].map(
          (e) => [e.textContent, getComputedStyle(e).color]
        )`)
      const { textColor, interimColor } = overlayStyleSchema.parse({})
      const rgb = (hex: string) =>
        `rgb(${[1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join(', ')})`
      say(committed('we play', 600, 0))
      await expect.poll(colours, GENEROUS).toEqual([['we play', rgb(interimColor)]])
      say(committed('we play chess', 900, 2))
      await expect.poll(colours, GENEROUS).toEqual([
        ['we play chess', rgb(interimColor)],
        ['we play', rgb(textColor)],
      ])
      say(final('We play chess.', 1000))
      await expect.poll(shown, GENEROUS).toEqual(['We play chess.'])
    })

    it('lets old lines go', async () => {
      const say = await openPage()
      say(...[1, 2, 3, 4, 5].map((n) => final(`line ${n}`, n * 1000)))
      await expect.poll(shown, GENEROUS).toEqual(['line 3', 'line 4', 'line 5'])
    })

    it('shows what was said before it was opened', async () => {
      const say = await openPage()
      say(final('Hello.', 900))
      await page.reload()
      await expect.poll(shown, GENEROUS).toEqual(['Hello.'])
    })

    it('comes back by itself after the server was started again on the same port', async () => {
      const say = await openPage()
      say(final('Before.', 900))
      await expect.poll(shown, GENEROUS).toEqual(['Before.'])
      const { port } = new URL(overlay.url)
      await overlay.close()
      overlay = await startOverlayServer({ port: Number(port) })
      speakerTo(overlay.sink)(final('After.', 900))
      await expect.poll(shown, GENEROUS).toEqual(['After.'])
      expect(await page.locator('#status').count()).toBe(0)
    })

    it('says that it is connecting until it has been once, however often it is turned away', async () => {
      overlay = await startOverlayServer({ port: 0 })
      page = await browser.newPage()
      let attempts = 0
      await page.routeWebSocket('**/captions', (socket) => {
        attempts += 1
        if (attempts < 3) void socket.close()
        else socket.connectToServer()
      })
      await page.goto(overlay.url)
      await expect.poll(() => page.locator('#status').textContent(), GENEROUS).toBe('connecting…')
      speakerTo(overlay.sink)(final('Hello.', 900))
      await expect.poll(shown, GENEROUS).toEqual(['Hello.'])
      expect(attempts).toBe(3)
      expect(await page.locator('#status').count()).toBe(0)
    })

    it('takes away what nobody can take back, where the server is gone', async () => {
      const say = await openPage()
      await addCustomCss(':root { --caption-hold-seconds: 0 }')
      say(final('The last words before a crash.', 900))
      await expect.poll(shown, GENEROUS).toHaveLength(1)
      await overlay.close()
      await expect.poll(shown, GENEROUS).toEqual([])
    })

    it('loads in as many sources of one OBS as there may be', async () => {
      overlay = await startOverlayServer({ port: 0 })
      const obs = await browser.newContext()
      // Nine pages take a busy machine longer than a caption stays.
      overlay.update([{ name: 'main', style: overlayStyleSchema.parse({ fadeSeconds: 60 }) }])
      speakerTo(overlay.sink)(final('Hello.', 900))
      for (let sources = 1; sources <= 9; sources += 1) {
        page = await obs.newPage()
        await page.goto(overlay.url)
        await expect.poll(shown, GENEROUS).toEqual(['Hello.'])
      }
      await obs.close()
    })

    it('fades out after a silence, and begins anew with the next words', async () => {
      const say = await openPage()
      await addCustomCss(':root { --caption-hold-seconds: 2 }')
      say(final('Good night.', 900))
      await expect.poll(shown, GENEROUS).toEqual(['Good night.'])
      // Watched in the page: it takes a second, in which nobody may ask.
      await page.evaluate(`new Promise((resolve) => {
        const caption = document.querySelector('#captions')
        const look = () => getComputedStyle(caption).opacity < 1 ? resolve() : requestAnimationFrame(look)
        look()
      })`)
      await expect.poll(shown, GENEROUS).toEqual([])
      say(interim('hello', 9000))
      await expect.poll(shown, GENEROUS).toEqual(['[hello]'])
      await expect.poll(opacity, GENEROUS).toBe(1)
    })

    it('does not bring back what has faded because captions stay longer from now on', async () => {
      const say = await openPage()
      overlay.update([{ name: 'main', style: overlayStyleSchema.parse({ fadeSeconds: 3 }) }])
      say(final('Faded.', 900))
      await expect.poll(shown, GENEROUS).toEqual(['Faded.'])
      await expect.poll(shown, GENEROUS).toEqual([])
      overlay.update([{ name: 'main', style: overlayStyleSchema.parse({ fadeSeconds: 60 }) }])
      say(final('Stays.', 5900))
      await expect.poll(shown, GENEROUS).toEqual(['Stays.'])
    })

    it('takes the custom CSS of OBS, which arrives as a style element after the load', async () => {
      const say = await openPage()
      await addCustomCss('body { --caption-color: rgb(255, 215, 0) }')
      say(final('Gold.', 900))
      await expect
        .poll(() => ofLines(page, 'getComputedStyle(e).color'), GENEROUS)
        .toEqual(['rgb(255, 215, 0)'])
    })

    it.each([
      ['an image with a handler', '<img src=x onerror="document.title=\'owned\'"> <b>bold</b>'],
      ['the end of a script', '</script><script>document.title="owned"</script>'],
      ['the end of an event', 'a\n\ndata: {"lines":[],"interim":"owned"}\n\n'],
      ['right to left', 'שלום עולם, and العربية \u202e reversed'],
      ['emoji', '👩‍👩‍👧‍👦🏳️‍🌈 Z̸̨͝a̴l̶g̷o̵'.repeat(40)],
      ['a word without an end', 'W'.repeat(2000)],
      ['half a character', 'x\ud800y'],
    ])('shows %s as text, inside the page', async (_what, text) => {
      const say = await openPage()
      const title = await page.title()
      say(final('Before.', 500), final(text, 900), interim(text, 1500))
      await expect.poll(shown, GENEROUS).toEqual(['Before.', text, `[${text}]`])
      expect(await page.locator('#captions .line > *').count()).toBe(0)
      expect(await page.title()).toBe(title)
      expect(await page.evaluate(OUTSIDE)).toEqual([])
    })

    it('reads right-to-left words from the right', async () => {
      const say = await openPage()
      say(final('שלום עולם', 900), final('Hello', 1900))
      await expect.poll(shown, GENEROUS).toHaveLength(2)
      expect(await ofLines(page, 'getComputedStyle(e).direction')).toEqual(['rtl', 'ltr'])
    })

    it('asks no other host for anything, and the browser has nothing to complain about', async () => {
      overlay = await startOverlayServer({ port: 0 })
      page = await browser.newPage()
      const hosts = new Set<string>()
      const complaints: string[] = []
      page.on('request', (request) => hosts.add(new URL(request.url()).origin))
      page.on('console', (message) => complaints.push(message.text()))
      page.on('pageerror', (error) => complaints.push(error.message))
      await page.goto(overlay.url)
      speakerTo(overlay.sink)(final('https://site.example/x.png', 900))
      await expect.poll(shown, GENEROUS).toEqual(['https://site.example/x.png'])
      expect([...hosts]).toEqual([new URL(overlay.url).origin])
      expect(complaints.filter((text) => !text.includes('favicon'))).toEqual([])
    })

    it('is transparent where nobody speaks, and does not move for those who ask for that', async () => {
      await openPage()
      await page.emulateMedia({ reducedMotion: 'reduce' })
      const style = 'getComputedStyle(document.body).backgroundColor'
      expect(await page.evaluate(style)).toBe('rgba(0, 0, 0, 0)')
      const duration = 'getComputedStyle(document.querySelector("#captions")).transitionDuration'
      expect(await page.evaluate(duration)).toBe('0s')
    })

    /** As OBS does it (obs-browser, `BrowserClient::OnLoadEnd`). */
    async function addCustomCss(css: string): Promise<void> {
      const script = `{
      const style = document.createElement('style')
      style.append(${JSON.stringify(css)})
      document.head.append(style)
    }`
      await page.evaluate(script)
    }

    async function opacity(): Promise<number> {
      return Number(
        await page.evaluate('getComputedStyle(document.querySelector("#captions")).opacity'),
      )
    }
  },
)
