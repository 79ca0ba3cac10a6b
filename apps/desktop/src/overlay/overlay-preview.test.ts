import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import type { ViteDevServer } from 'vite'
import { createServer } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CHROMIUM_NOTE, launchChromium } from './testing/chromium.ts'

describe.skipIf(CHROMIUM_NOTE !== '')(`the preview in a real browser${CHROMIUM_NOTE}`, () => {
  let vite: ViteDevServer
  let browser: Browser
  let page: Page
  const asked: string[] = []

  beforeAll(async () => {
    vite = await createServer({
      configFile: fileURLToPath(new URL('../../vite/overlay.config.ts', import.meta.url)),
      server: { host: '127.0.0.1', port: 0, hmr: false },
      logLevel: 'error',
    })
    await vite.listen()
    browser = await launchChromium()
    page = await browser.newPage({ viewport: { width: 1280, height: 720 } })
    page.on('request', (request) => asked.push(new URL(request.url()).pathname))
    await page.goto(`${vite.resolvedUrls?.local[0]}testing/preview.html`)
    await page.locator('.line').first().waitFor()
  }, 120_000)

  afterAll(async () => {
    await browser?.close()
    await vite?.close()
  })

  it('applies custom CSS to the captions', async () => {
    const computed = `(() => {
      const host = document.querySelector('#frame [aria-hidden] > div > div')
      const { fontSize, color } = getComputedStyle(host.shadowRoot.querySelector('.line'))
      return { fontSize, color }
    })()`
    expect(await page.evaluate(computed)).toEqual({ fontSize: '40px', color: 'rgb(1, 2, 3)' })
  })

  it('keeps custom CSS away from the page around it, and loads nothing for it', async () => {
    expect(await page.locator('#outside').isVisible()).toBe(true)
    const background = await page.evaluate('getComputedStyle(document.body).backgroundColor')
    expect(background).toBe('rgba(0, 0, 0, 0)')
    expect(asked).not.toContain('/stolen.css')
  })

  it('stays in its box, however large the captions make themselves', async () => {
    // What is at a point beside it, and whether the page has become larger.
    expect(await page.evaluate('document.elementFromPoint(900, 300)?.tagName')).toBe('BODY')
    const size = '[document.documentElement.scrollWidth, document.documentElement.scrollHeight]'
    expect(await page.evaluate(size)).toEqual([1280, 720])
    const box = await page.locator('#frame > div').boundingBox()
    expect(box).toMatchObject({ width: 640, height: 360 })
  })

  it('is a picture to those who cannot see it', async () => {
    expect(await page.locator('#frame > [aria-hidden=true]').count()).toBe(1)
  })
})
