import stringWidth from 'string-width'
import type { CaptionSink } from '../core/ports.ts'
import type { Console } from './console.ts'

const CLEAR_LINE = '\r\x1b[2K'
const DIM = '\x1b[2m'
const RESET = '\x1b[0m'
const DEFAULT_COLUMNS = 80

/**
 * Finals as lines with their times; on a terminal, the interim is rewritten in place below them.
 */
export function createTerminalSink(stdout: Console['stdout']): CaptionSink {
  /** Columns of the interim that is shown. */
  let interimWidth = 0

  /** A terminal that was narrowed meanwhile has wrapped the interim into several rows. */
  function clearInterim(): string {
    const rows = Math.ceil(interimWidth / (stdout.columns ?? DEFAULT_COLUMNS))
    const clear = rows === 0 ? '' : CLEAR_LINE + `\x1b[1A${CLEAR_LINE}`.repeat(rows - 1)
    interimWidth = 0
    return clear
  }

  return {
    onEvent(event) {
      if (event.type === 'final' && event.text !== '') {
        const times = `[${formatTime(event.startMs)} → ${formatTime(event.endMs)}]`
        stdout.write(`${clearInterim()}${times} ${oneLine(event.text)}\n`)
      } else if (event.type === 'final') stdout.write(clearInterim())
      else if (event.type === 'interim' && stdout.isTTY) {
        const width = (stdout.columns ?? DEFAULT_COLUMNS) - 1
        const text = lastColumns(oneLine(event.text), width)
        stdout.write(`${clearInterim()}${DIM}${text}${RESET}`)
        interimWidth = stringWidth(text)
      }
    },
    async close() {
      stdout.write(clearInterim())
    },
  }
}

/** `01:02.3`, with hours from the first hour on. */
export function formatTime(ms: number): string {
  const tenths = Math.floor(ms / 100)
  const pad = (value: number) => String(value).padStart(2, '0')
  const hours = Math.floor(tenths / 36_000)
  const minutes = pad(Math.floor(tenths / 600) % 60)
  const seconds = `${pad(Math.floor(tenths / 10) % 60)}.${tenths % 10}`
  return hours > 0 ? `${hours}:${minutes}:${seconds}` : `${minutes}:${seconds}`
}

/** Recognised text comes from outside: nothing in it may move the cursor. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trim()
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** The end of the text that fits, since the newest words are what is being looked at. */
export function lastColumns(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text
  const shown: string[] = []
  let left = columns - 1
  for (const { segment } of [...graphemes.segment(text)].toReversed()) {
    left -= stringWidth(segment)
    if (left < 0) break
    shown.unshift(segment)
  }
  return `…${shown.join('')}`
}
