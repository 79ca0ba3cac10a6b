import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { OverlayStyle } from '@saywire/overlay'
import { overlayPresets, overlayStyleSchema } from '@saywire/overlay'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createFontStore } from './font-store.ts'
import type { OverlayServer } from './overlay-server.ts'
import { startOverlayServer } from './overlay-server.ts'
import { CHROMIUM_NOTE, launchChromium, ofLines, shownOn } from './testing/chromium.ts'
import { get, UPGRADE } from './testing/http-client.ts'
import { final, interim, speakerTo } from './testing/speak.ts'

const GENEROUS = { timeout: 30_000, interval: 25 }

function look(name: string, style: Partial<OverlayStyle> = {}) {
  return { name, style: overlayStyleSchema.parse(style) }
}

describe.skipIf(CHROMIUM_NOTE !== '')(
  `looks in a real browser${CHROMIUM_NOTE}`,
  { timeout: 60_000 },
  () => {
    let browser: Browser
    let overlay: OverlayServer
    let fontsDir: string
    const pages: Page[] = []

    beforeAll(async () => {
      browser = await launchChromium()
      fontsDir = await mkdtemp(join(tmpdir(), 'saywire-fonts-'))
    }, 60_000)

    afterAll(async () => {
      await browser.close()
      await rm(fontsDir, { recursive: true, force: true })
    })

    afterEach(async () => {
      await Promise.all(pages.splice(0).map((page) => page.close()))
      await overlay.close()
    })

    async function open(url: string): Promise<Page> {
      const page = await browser.newPage({ viewport: { width: 1280, height: 720 } })
      pages.push(page)
      await page.goto(url)
      await expect.poll(() => page.locator('#status').count(), GENEROUS).toBe(0)
      return page
    }

    const colors = (page: Page) => ofLines<string>(page, 'getComputedStyle(e).color')

    it('differ between overlays that show the same words', async () => {
      const overlays = [look('game', { textColor: '#00ff00' }), look('chat', { interim: false })]
      overlay = await startOverlayServer({ port: 0, overlays })
      const first = await open(overlay.url)
      const game = await open(overlay.urlOf('game'))
      const chat = await open(overlay.urlOf('chat'))
      speakerTo(overlay.sink)(final('Hello.', 900), interim('and', 1500))
      for (const page of [first, game]) {
        await expect.poll(() => shownOn(page), GENEROUS).toEqual(['Hello.', '[and]'])
        expect((await colors(page))[0]).toBe('rgb(0, 255, 0)')
      }
      await expect.poll(() => shownOn(chat), GENEROUS).toEqual(['Hello.'])
      expect(await colors(chat)).toEqual(['rgb(255, 255, 255)'])
      expect(overlay.viewers).toBe(3)
    })

    it('apply to the words on screen, without a reload', async () => {
      overlay = await startOverlayServer({ port: 0, overlays: [look('main')] })
      const page = await open(overlay.url)
      speakerTo(overlay.sink)(...[1, 2, 3].map((n) => final(`line ${n}`, n * 1000)))
      await expect.poll(() => shownOn(page), GENEROUS).toHaveLength(3)
      await page.evaluate('window.same = [...document.querySelectorAll(".line")].at(-1)')
      overlay.update([look('main', { textColor: '#ff0000', maxLines: 1, timestamps: true })])
      await expect.poll(() => shownOn(page), GENEROUS).toEqual(['0:02line 3'])
      await expect.poll(() => colors(page), GENEROUS).toEqual(['rgb(255, 0, 0)'])
      expect(await page.evaluate('window.same.isConnected')).toBe(true)
    })

    it('go with the words to another port, and those of the old one learn nothing more', async () => {
      overlay = await startOverlayServer({ port: 0, overlays: [look('main')] })
      const old = overlay.url
      const other = await startOverlayServer({ port: 0 })
      const free = Number(new URL(other.url).port)
      await expect(overlay.moveTo(free)).rejects.toMatchObject({ code: 'port_taken' })
      expect(overlay.url).toBe(old)
      await other.close()
      await overlay.moveTo(free)
      speakerTo(overlay.sink)(final('Moved.', 900))
      const page = await open(overlay.url)
      await expect.poll(() => shownOn(page), GENEROUS).toEqual(['Moved.'])
      await expect(get(old)).rejects.toThrow('ECONNREFUSED')
    })

    it('are listed where somebody asks for one that there is not', async () => {
      overlay = await startOverlayServer({ port: 0, overlays: [look('game'), look('chat')] })
      const asks = [
        [overlay.urlOf('%3Cb%3Ex'), {}],
        [`${overlay.url}captions?overlay=%3Cb%3Ex`, UPGRADE],
      ] as const
      for (const [url, asked] of asks) {
        const { status, headers, body } = await get(url, { headers: asked })
        expect(status).toBe(404)
        expect(headers['content-type']).toBe('text/plain; charset=utf-8')
        expect(body).toMatch(/\/o\/game\n\s*\/o\/chat/)
      }
    })

    it('leave a page alone whose overlay was removed, until there is one of its name', async () => {
      overlay = await startOverlayServer({ port: 0, overlays: [look('game'), look('chat')] })
      const page = await open(overlay.urlOf('chat'))
      overlay.update([look('game')])
      await expect.poll(() => overlay.viewers, GENEROUS).toBe(0)
      overlay.update([look('game'), look('chat', { textColor: '#0000ff' })])
      speakerTo(overlay.sink)(final('Back.', 900))
      await expect.poll(() => colors(page), GENEROUS).toEqual(['rgb(0, 0, 255)'])
    })

    it('take custom CSS as CSS only, which loads nothing from elsewhere', async () => {
      const customCss = `</style><script>document.title = 'owned'</script><style>
      @import 'https://site.example/a.css';
      @font-face { font-family: Far; src: url(https://site.example/far.woff2) }
      .line { background-image: url(https://site.example/x.png); font-family: Far }
      #captions { outline: 3px solid rgb(1, 2, 3) }`
      overlay = await startOverlayServer({ port: 0, overlays: [look('main', { customCss })] })
      const page = await browser.newPage()
      pages.push(page)
      const origins = new Set<string>()
      page.on('request', (request) => origins.add(new URL(request.url()).origin))
      await page.goto(overlay.url)
      speakerTo(overlay.sink)(final('Hello.', 900))
      await expect.poll(() => shownOn(page), GENEROUS).toEqual(['Hello.'])
      const outline = 'getComputedStyle(document.querySelector("#captions")).outlineColor'
      await expect.poll(() => page.evaluate(outline), GENEROUS).toBe('rgb(1, 2, 3)')
      await page.evaluate('document.fonts.ready')
      expect([...origins]).toEqual([new URL(overlay.url).origin])
      expect(await page.title()).toBe('Saywire captions')
      expect(await page.locator('script').count()).toBe(1)
    })

    it('show words in a font that the user brought', async () => {
      const assets = fileURLToPath(new URL('../../dist/overlay/assets', import.meta.url))
      const asset = (await readdir(assets)).find((each) => /^opendyslexic-.*700.*woff2$/.test(each))
      const file = await readFile(join(assets, asset ?? ''))
      const { id, name } = await createFontStore(fontsDir).add('My font.woff2', file)
      expect(name).toBe('My font')
      overlay = await startOverlayServer({ port: 0, fontsDir, overlays: [look('main')] })
      const page = await open(overlay.url)
      speakerTo(overlay.sink)(final('Wide letters.', 900))
      await expect.poll(() => shownOn(page), GENEROUS).toHaveLength(1)
      const width = () => ofLines<number>(page, 'e.getBoundingClientRect().width')
      const [before = 0] = await width()
      overlay.update([look('main', { font: { kind: 'uploaded', id } })])
      await expect
        .poll(() => page.evaluate(`document.fonts.check('20px "saywire-${id}"')`), GENEROUS)
        .toBe(true)
      await expect
        .poll(async () => ((await width())[0] ?? 0) / before, GENEROUS)
        .toBeGreaterThan(1.1)
    })

    it.each(['fade', 'slide', 'pop', 'words'] as const)(
      'bring words in by %s, but not for those who ask for less motion',
      async (animation) => {
        overlay = await startOverlayServer({ port: 0, overlays: [look('main', { animation })] })
        const page = await open(overlay.url)
        speakerTo(overlay.sink)(interim('two words', 900))
        await expect.poll(() => shownOn(page), GENEROUS).toEqual(['[two words]'])
        const animated = `getComputedStyle(document.querySelector(
        '.animate-${animation}, .word')).animationName`
        expect(await page.evaluate(animated)).not.toBe('none')
        await page.emulateMedia({ reducedMotion: 'reduce' })
        expect(await page.evaluate(animated)).toBe('none')
      },
    )

    it('let each word in once, and keep those that stand', async () => {
      const overlays = [look('main', { animation: 'words' })]
      overlay = await startOverlayServer({ port: 0, overlays })
      const page = await open(overlay.url)
      const say = speakerTo(overlay.sink)
      say(interim('I scream', 900))
      await expect.poll(() => shownOn(page), GENEROUS).toEqual(['[I scream]'])
      await page.evaluate('window.words = [...document.querySelectorAll(".word")]')
      say(final('Ice cream today', 1900))
      await expect.poll(() => shownOn(page), GENEROUS).toEqual(['Ice cream today'])
      const kept = 'window.words.map((word, n) => word === document.querySelectorAll(".word")[n])'
      expect(await page.evaluate(kept)).toEqual([true, true])
    })

    it('show nothing of a row that has left, not even its outline and shadow', async () => {
      const bold = overlayPresets.find(({ id }) => id === 'bold-pop')
      overlay = await startOverlayServer({ port: 0, overlays: [look('main', bold?.style)] })
      const page = await open(overlay.url)
      await page.emulateMedia({ reducedMotion: 'reduce' })
      speakerTo(overlay.sink)(final('gypsy, gypsy, '.repeat(20), 900))
      await expect.poll(() => shownOn(page), GENEROUS).toHaveLength(1)
      await page.evaluate('document.fonts.ready')
      const box = (await page.locator('#captions').boundingBox()) ?? { x: 0, y: 0, width: 0 }
      const clip = { x: box.x, y: Math.ceil(box.y), width: box.width, height: 7 }
      const picture = await page.screenshot({ clip })
      await page.evaluate('document.querySelector("#captions").style.visibility = "hidden"')
      expect(picture.equals(await page.screenshot({ clip }))).toBe(true)
    })

    it('force a direction where the style names one', async () => {
      const overlays = [look('main', { direction: 'rtl' })]
      overlay = await startOverlayServer({ port: 0, overlays })
      const page = await open(overlay.url)
      speakerTo(overlay.sink)(final('Hello.', 900))
      await expect.poll(() => shownOn(page), GENEROUS).toEqual(['Hello.'])
      expect(await ofLines(page, 'getComputedStyle(e).direction')).toEqual(['rtl'])
    })

    it('leave nothing behind of a captioning that is over, nor to a page that comes late', async () => {
      overlay = await startOverlayServer({
        port: 0,
        overlays: [look('main', { fadeSeconds: 3 })],
      })
      const page = await open(overlay.url)
      speakerTo(overlay.sink)(final('The end.', 900), interim('unfinish', 1500))
      await expect.poll(() => shownOn(page), GENEROUS).toHaveLength(2)
      await overlay.sink.close?.()
      await expect.poll(() => shownOn(page), GENEROUS).toEqual([])
      const late = await open(overlay.url)
      expect(await shownOn(late)).toEqual([])
    })
  },
)
