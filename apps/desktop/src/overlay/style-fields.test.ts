import type { OverlayStyle } from '@saywire/overlay'
import { BUNDLED_FONTS, overlayStyleSchema } from '@saywire/overlay'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OverlayServer } from './overlay-server.ts'
import { startOverlayServer } from './overlay-server.ts'
import { CHROMIUM_NOTE, launchChromium } from './testing/chromium.ts'
import { final, interim, speakerTo } from './testing/speak.ts'

const GENEROUS = { timeout: 30_000, interval: 25 }
const SIZE = { width: 1280, height: 720 }

const line = (property: string) => `getComputedStyle(document.querySelector('.line')).${property}`
const box = (edge: string, of = '#captions') =>
  `Math.round(document.querySelector('${of}').getBoundingClientRect().${edge})`
/** Computed shadows are listed from the outline's first to the user's last. */
const shadows = `${line('textShadow')}.split(/, (?=rgb)/)`

/** What is set, what is measured in the page, and what that must become. */
type Proof = readonly [style: Partial<OverlayStyle>, measure: string, expected: unknown]

/**
 * Each field of a style by what it does to the picture. Fields that need time, words or pages of
 * their own are proven in overlay-page.test.ts and overlay-looks.test.ts.
 */
const PROOFS = {
  fontSizePx: [[{ fontSizePx: 61 }, line('fontSize'), '61px']],
  fontWeight: [[{ fontWeight: 300 }, line('fontWeight'), '300']],
  lineHeight: [[{ fontSizePx: 40, lineHeight: 2 }, line('lineHeight'), '80px']],
  widthEm: [[{ fontSizePx: 40, widthEm: 10 }, box('width'), 400]],
  font: [
    [
      { font: { kind: 'system', family: 'Liberation Serif' } },
      `${line('fontFamily')}.split(', ')[0]`,
      '"Liberation Serif"',
    ],
    ...Object.entries(BUNDLED_FONTS).map(([id, { family }]): Proof => [
      { font: { kind: 'bundled', id: id as keyof typeof BUNDLED_FONTS } },
      `[...document.fonts].some((face) =>
          face.status === 'loaded' && face.family.replaceAll('"', '') === '${family}')`,
      true,
    ]),
  ],
  textColor: [[{ textColor: '#010203' }, line('color'), 'rgb(1, 2, 3)']],
  interimColor: [
    [
      { interimColor: '#040506' },
      `getComputedStyle(document.querySelector('.line.interim')).color`,
      'rgb(4, 5, 6)',
    ],
  ],
  interim: [[{ interim: false }, `document.querySelectorAll('.line').length`, 1]],
  backgroundColor: [
    [{ backgroundColor: '#070809ff' }, line('backgroundColor'), 'rgb(7, 8, 9)'],
    [{ backgroundColor: '#ffffff80' }, line('backgroundColor'), 'rgba(255, 255, 255, 0.5)'],
  ],
  outlineColor: [[{ outlineColor: '#0a0b0c' }, `${shadows}[0]`, 'rgb(10, 11, 12) 2.5px 0px 0px']],
  outlineWidthPx: [
    [
      { outlineColor: '#0a0b0c', outlineWidthPx: 7 },
      `${shadows}[0]`,
      'rgb(10, 11, 12) 7px 0px 0px',
    ],
  ],
  shadow: [
    [{ shadow: 'none' }, `${shadows}.at(-1)`, 'rgba(0, 0, 0, 0) 0px 0px 0px'],
    [
      { shadow: 'soft', fontSizePx: 100, shadowColor: '#010101' },
      `${shadows}.at(-1)`,
      'rgb(1, 1, 1) 0px 6px 24px',
    ],
    [
      { shadow: 'hard', fontSizePx: 100, shadowColor: '#010101', outlineWidthPx: 3 },
      `${shadows}.at(-1)`,
      'rgb(1, 1, 1) 8px 8px 0px',
    ],
    [
      { shadow: 'glow', fontSizePx: 100, shadowColor: '#010101' },
      `${shadows}.slice(-2)`,
      ['rgb(1, 1, 1) 0px 0px 30px', 'rgb(1, 1, 1) 0px 0px 70px'],
    ],
  ],
  shadowColor: [
    [
      { shadow: 'glow', shadowColor: '#0d0e0f', fontSizePx: 100 },
      `${shadows}.at(-1)`,
      'rgb(13, 14, 15) 0px 0px 70px',
    ],
  ],
  horizontal: [
    [{ horizontal: 'left', widthEm: 10 }, `${box('left')} < 60`, true],
    [
      { horizontal: 'center', widthEm: 10 },
      `Math.abs(${box('left')} + ${box('right')} - innerWidth) <= 2`,
      true,
    ],
    [{ horizontal: 'right', widthEm: 10 }, `innerWidth - ${box('right')} < 60`, true],
  ],
  vertical: [
    [{ vertical: 'top' }, `${box('top')} < 60`, true],
    [{ vertical: 'middle' }, `Math.abs(${box('top')} + ${box('bottom')} - innerHeight) <= 2`, true],
    [{ vertical: 'bottom' }, `innerHeight - ${box('bottom')} < 60`, true],
  ],
  textAlign: [
    [{ textAlign: 'start' }, `${box('left', '.line')} - ${box('left')} < 40`, true],
    [
      { textAlign: 'center' },
      `Math.abs(${box('left', '.line')} + ${box('right', '.line')}
        - ${box('left')} - ${box('right')}) <= 2`,
      true,
    ],
    [{ textAlign: 'end' }, `${box('right')} - ${box('right', '.line')} < 40`, true],
  ],
  direction: [[{ direction: 'rtl' }, line('direction'), 'rtl']],
  timestamps: [[{ timestamps: true }, `document.querySelector('.time').textContent`, '0:00']],
} as const satisfies Record<
  Exclude<keyof OverlayStyle, 'version' | 'fadeSeconds' | 'maxLines' | 'animation' | 'customCss'>,
  readonly Proof[]
>

describe.skipIf(CHROMIUM_NOTE !== '')(
  `each field of a style in a real browser${CHROMIUM_NOTE}`,
  { timeout: 60_000 },
  () => {
    let browser: Browser
    let overlay: OverlayServer
    let page: Page

    beforeAll(async () => {
      browser = await launchChromium()
      overlay = await startOverlayServer({ port: 0 })
      page = await browser.newPage({ viewport: SIZE, reducedMotion: 'reduce' })
      await page.goto(overlay.url)
      speakerTo(overlay.sink)(final('Hello.', 900), interim('and', 1500))
    }, 60_000)
    afterAll(async () => {
      await browser?.close()
      await overlay?.close()
    })

    const cases = Object.entries(PROOFS).flatMap(([field, proofs]) =>
      proofs.map((proof) => [field, JSON.stringify(proof[0]), proof] as const),
    )
    it.each(cases)('%s: %s', async (_field, _set, [style, measure, expected]) => {
      const bare = { name: 'main', style: overlayStyleSchema.parse({ fadeSeconds: 0 }) }
      overlay.update([{ ...bare, style: { ...bare.style, ...style } }])
      await expect
        .poll(async () => page.evaluate(measure).catch(() => undefined), GENEROUS)
        .toEqual(expected)
    })
  },
)
