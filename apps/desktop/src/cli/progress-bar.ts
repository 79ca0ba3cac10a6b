import type { Console } from './console.ts'

const BAR_CELLS = 28
const REDRAW_MS = 100
/** Without a terminal a line is printed for each of these steps. */
const LINE_STEP_PERCENT = 25

export interface ProgressBar {
  /** @param fraction 0–1, or undefined where the end is not known */
  update(fraction: number | undefined, detail: string): void
  /** Leaves the line as it is; does nothing where nothing was shown. */
  done(): void
}

/** One line that is redrawn on a terminal, and a few lines elsewhere. */
export function createProgressBar(stderr: Console['stderr'], title: string): ProgressBar {
  let shown = false
  let drawnAtMs = 0
  let lastStep = -1

  function line(fraction: number | undefined, detail: string): string {
    if (fraction === undefined) return `${title}  ${detail}`
    const cells = Math.round(fraction * BAR_CELLS)
    const bar = '█'.repeat(cells) + '░'.repeat(BAR_CELLS - cells)
    const percent = String(Math.floor(fraction * 100)).padStart(3)
    return `${title}  ${bar} ${percent} %  ${detail}`
  }

  return {
    update(fraction, detail) {
      if (!stderr.isTTY) {
        const step = Math.floor(((fraction ?? 0) * 100) / LINE_STEP_PERCENT)
        if (step === lastStep) return
        lastStep = step
        stderr.write(`${line(fraction, detail)}\n`)
        return
      }
      const nowMs = performance.now()
      if (shown && fraction !== 1 && nowMs - drawnAtMs < REDRAW_MS) return
      drawnAtMs = nowMs
      shown = true
      const text = line(fraction, detail).slice(0, (stderr.columns ?? 80) - 1)
      stderr.write(`\r\x1b[2K${text}`)
    },
    done() {
      if (shown) stderr.write('\n')
      shown = false
    },
  }
}

/** `67 / 148 MB`. */
export function formatMegabytes(bytes: number, totalBytes: number | undefined): string {
  const mega = (value: number) => String(Math.round(value / 1e6))
  return totalBytes === undefined ? `${mega(bytes)} MB` : `${mega(bytes)} / ${mega(totalBytes)} MB`
}
