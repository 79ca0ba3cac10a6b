import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { launchChromium, openWindow } from './testing/chromium.ts'
import type { ScriptedHost } from './testing/scripted-host.ts'
import { startScriptedHost } from './testing/scripted-host.ts'
import { CAPTIONS, FALLEN_BACK, HISTORY, LISTENING, READY } from './testing/scripted-state.ts'

/** Writes the README's pictures: every screen, or those named, light and dark, as small WebP files. */
const FOLDER = fileURLToPath(new URL('../screenshots/', import.meta.url))
const QUALITY = 0.82
const RUNNING_MS = 754_000
const NEXT_TRY_MS = 47_000

interface Screen {
  readonly name: string
  readonly isFirstRun?: boolean
  /** Before the window is opened. */
  set?(host: ScriptedHost): void
  /** Leads from the window as it opens to what is shown. */
  go?(page: Page): Promise<void>
}

const step = (number: number) => async (page: Page) => {
  await page.locator('.stepper button').nth(number).click()
}
const section = (name: string) => async (page: Page) => {
  await page.locator('.tab').last().click()
  await page.getByRole('tab', { name, exact: true }).click()
}

const SCREENS: readonly Screen[] = [
  { name: 'first-run-microphone', isFirstRun: true },
  { name: 'first-run-engine', isFirstRun: true, go: step(1) },
  { name: 'first-run-set-up', isFirstRun: true, go: step(2) },
  { name: 'first-run-overlay', isFirstRun: true, go: step(3) },
  { name: 'captions' },
  {
    name: 'muted',
    set(host) {
      const session = { ...running(), indicator: 'muted', isMuted: true } as const
      host.state.set({ ...LISTENING, session })
      host.captions.set({ type: 'snapshot', captions: CAPTIONS, interim: '' })
    },
  },
  {
    name: 'fallback',
    set: (host) => host.state.set({ ...FALLEN_BACK, session: fallenBack() }),
  },
  {
    name: 'limits',
    set(host) {
      const spendCaps = { sessionMinutes: null, dayMinutes: 60, monthMinutes: 600 }
      host.settings.set({ ...host.settings.get(), spendCaps })
      host.state.set(FALLEN_BACK)
    },
    go: section('Limits'),
  },
  { name: 'look', go: section('Captions’ look') },
  { name: 'transcription', go: section('Transcription') },
  ...(
    [
      ['microphone', 'Microphone'],
      ['words', 'Words'],
      ['files', 'Files'],
      ['hotkeys', 'Hotkeys'],
      ['obs', 'OBS'],
      ['outages', 'Outages'],
      ['app', 'App'],
      ['about', 'Help and about'],
    ] as const
  ).map(([name, title]) => ({ name, go: section(title) })),
  { name: 'history', go: async (page) => page.locator('.tab').nth(1).click() },
]

function running(): typeof LISTENING.session {
  return { ...LISTENING.session, startedAtMs: Date.now() - RUNNING_MS }
}

function fallenBack(): typeof FALLEN_BACK.session {
  const nextTryAtMs = Date.now() + NEXT_TRY_MS
  return { ...FALLEN_BACK.session, startedAtMs: Date.now() - RUNNING_MS, nextTryAtMs }
}

async function take(browser: Browser, screen: Screen, colorScheme: 'light' | 'dark') {
  const isFirstRun = screen.isFirstRun ?? false
  const state = isFirstRun ? READY : { ...LISTENING, session: running() }
  await using host = await startScriptedHost(state, { app: { firstRunDone: !isFirstRun } })
  host.history.set(HISTORY)
  host.captions.set({ type: 'snapshot', captions: CAPTIONS, interim: 'so the next part is' })
  screen.set?.(host)
  await using window = await openWindow(browser, host.url, { colorScheme })
  const { page } = window
  await screen.go?.(page)
  await page.evaluate('document.fonts.ready')
  // Until the meter has moved and the preview has spoken.
  await page.waitForTimeout(1500)
  const png = await page.screenshot()
  await writeFile(`${FOLDER}${screen.name}-${colorScheme}.webp`, await toWebp(browser, png))
}

/** By the browser itself: it can write what it can read. */
async function toWebp(browser: Browser, png: Buffer): Promise<Buffer> {
  await using context = await browser.newContext()
  const page = await context.newPage()
  const url = await page.evaluate(
    async ([data, quality]) => {
      const picture = new Image()
      picture.src = `data:image/png;base64,${data}`
      await picture.decode()
      const canvas = document.createElement('canvas')
      canvas.width = picture.width
      canvas.height = picture.height
      canvas.getContext('2d')?.drawImage(picture, 0, 0)
      return canvas.toDataURL('image/webp', quality)
    },
    [png.toString('base64'), QUALITY] as const,
  )
  return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64')
}

await mkdir(FOLDER, { recursive: true })
const browser = await launchChromium()
const wanted = process.argv.slice(2)
for (const screen of SCREENS) {
  if (wanted.length > 0 && !wanted.includes(screen.name)) continue
  for (const scheme of ['light', 'dark'] as const) await take(browser, screen, scheme)
}
await browser.close()
