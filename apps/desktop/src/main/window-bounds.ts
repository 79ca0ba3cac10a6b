import { readFileSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { BrowserWindow, Rectangle } from 'electron'
import { z } from 'zod'

const SAVE_DELAY_MS = 500
/** So much of the window must be on a screen that it can be seen and moved. */
const VISIBLE_PX = 80

const pixels = z.int().min(-100_000).max(100_000)
const boundsSchema = z.object({
  x: pixels,
  y: pixels,
  width: pixels.positive(),
  height: pixels.positive(),
  isMaximized: z.boolean(),
})

export interface WindowBounds extends Rectangle {
  readonly isMaximized: boolean
}

/** Where the window was; undefined at the first start and where the file is no use. */
export function readBounds(file: string): WindowBounds | undefined {
  try {
    return boundsSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return undefined
  }
}

/** Whether a window there can be reached: a screen may be gone since. */
export function isReachable(bounds: Rectangle, screens: readonly Rectangle[]): boolean {
  return screens.some((screen) => {
    const left = Math.max(bounds.x, screen.x)
    const right = Math.min(bounds.x + bounds.width, screen.x + screen.width)
    // The title bar is what a window is moved by.
    const isTitleOnScreen = bounds.y >= screen.y && bounds.y < screen.y + screen.height - VISIBLE_PX
    return right - left >= VISIBLE_PX && isTitleOnScreen
  })
}

/** Keeps the file up to date from now on, without writing for each pixel of a drag. */
export function rememberBounds(window: BrowserWindow, file: string): void {
  let timer: NodeJS.Timeout | undefined
  let saving = Promise.resolve()
  const save = () => {
    clearTimeout(timer)
    const bounds = { ...window.getNormalBounds(), isMaximized: window.isMaximized() }
    saving = saving.then(() => write(file, bounds)).catch(() => undefined)
  }
  const saveSoon = () => {
    clearTimeout(timer)
    timer = setTimeout(save, SAVE_DELAY_MS)
  }
  for (const event of ['resize', 'move', 'maximize', 'unmaximize'] as const) {
    // One name at a time is what the types of `on` know.
    window.on(event as 'resize', saveSoon)
  }
  window.on('close', save)
}

async function write(file: string, bounds: WindowBounds): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(`${file}.tmp`, JSON.stringify(bounds))
  await rename(`${file}.tmp`, file)
}
