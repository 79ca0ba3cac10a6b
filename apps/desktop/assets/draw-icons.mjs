// Draws the app's icons from the shapes below: `node assets/draw-icons.mjs` (needs Chromium).
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const WAVE = 'M5 16h4l2.5-7 4 14 4-11 2 4H27'
const STROKE = 'fill="none" stroke-linecap="round" stroke-linejoin="round"'

const wave = (color, width = 2.6) =>
  `<path d="${WAVE}" ${STROKE} stroke="${color}" stroke-width="${width}"/>`
const tile = (fill) => `<rect width="32" height="32" rx="7" fill="${fill}"/>`
/** A line across, with a gap around it so that it is seen at 16 pixels. */
const slash = (color, gap) =>
  `<path d="M6 26 26 6" ${STROKE} stroke="${gap}" stroke-width="8"/>` +
  `<path d="M6 26 26 6" ${STROKE} stroke="${color}" stroke-width="3.6"/>`
const mark = (color, gap) =>
  `<circle cx="24" cy="24" r="9" fill="${gap}"/><circle cx="24" cy="24" r="7.5" fill="${color}"/>` +
  '<path d="M24 19.5v5" stroke="#14191a" stroke-width="2.4" stroke-linecap="round"/>' +
  '<circle cx="24" cy="28" r="1.4" fill="#14191a"/>'

/** Told apart by shape, not only by colour. */
const TRAY = {
  idle: tile('#14191a') + wave('#8d999b'),
  listening: tile('#ffd84a') + wave('#14191a', 3),
  muted: tile('#14191a') + wave('#8d999b') + slash('#ff6b5e', '#14191a'),
  trouble: tile('#14191a') + wave('#ffd84a') + mark('#ff8f3d', '#14191a'),
}
/** macOS colours these by itself: only what is opaque counts. */
const hollow = (inner) => `<mask id="m"><rect width="32" height="32" fill="#fff"/>${inner}</mask>`
const TEMPLATE = {
  idle: wave('#000', 2.8),
  listening: `${hollow(wave('#000', 3))}<g mask="url(#m)">${tile('#000')}</g>`,
  muted: `${hollow(`<path d="M6 26 26 6" ${STROKE} stroke="#000" stroke-width="8"/>`)}<g mask="url(#m)">${wave('#000', 2.8)}</g><path d="M6 26 26 6" ${STROKE} stroke="#000" stroke-width="3"/>`,
  trouble: `${hollow('<circle cx="25" cy="11" r="11" fill="#000"/>')}<g mask="url(#m)">${wave('#000', 2.8)}</g><path d="M25 3v7" ${STROKE} stroke="#000" stroke-width="3.4"/><circle cx="25" cy="15" r="2" fill="#000"/>`,
}

const folder = join(import.meta.dirname, 'icons')
mkdirSync(folder, { recursive: true })
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
})
const page = await browser.newPage()
// macOS and Windows draw no margin around it by themselves.
await draw('icon.png', `<svg viewBox="-2 -2 36 36">${tile('#14191a')}${wave('#ffd84a')}</svg>`, 512)
for (const [state, shape] of Object.entries(TRAY)) {
  for (const [suffix, size] of [
    ['', 24],
    ['@2x', 48],
  ]) {
    await draw(`tray-${state}${suffix}.png`, `<svg viewBox="0 0 32 32">${shape}</svg>`, size)
  }
}
for (const [state, shape] of Object.entries(TEMPLATE)) {
  for (const [suffix, size] of [
    ['', 18],
    ['@2x', 36],
  ]) {
    await draw(
      `tray-${state}-Template${suffix}.png`,
      `<svg viewBox="0 0 32 32">${shape}</svg>`,
      size,
    )
  }
}
await browser.close()

async function draw(name, svg, size) {
  await page.setViewportSize({ width: size, height: size })
  const sized = svg.replace(
    '<svg',
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}"`,
  )
  await page.setContent(`<style>body{margin:0}svg{display:block}</style>${sized}`)
  await page.screenshot({ path: join(folder, name), omitBackground: true })
}
