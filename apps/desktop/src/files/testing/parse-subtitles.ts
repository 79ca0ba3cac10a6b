/** A cue as a player reads it. */
export interface ParsedCue {
  readonly startMs: number
  readonly endMs: number
  readonly lines: readonly string[]
}

const TIMES =
  /^(\d{2,}):([0-5]\d):([0-5]\d)[,.](\d{3}) --> (\d{2,}):([0-5]\d):([0-5]\d)[,.](\d{3})$/

/** Reads SubRip as its players do, and throws at whatever one of them would stumble over. */
export function parseSrt(text: string): ParsedCue[] {
  return blocks(text).map(([number, times, ...lines], index) => {
    if (number !== String(index + 1)) throw new Error(`Cue ${index + 1} has the number ${number}.`)
    return parsedCue(times, lines)
  })
}

/** Reads WebVTT, with its escapes undone. */
export function parseVtt(text: string): ParsedCue[] {
  const [head, ...cues] = blocks(text)
  if (head?.join() !== 'WEBVTT') throw new Error('This does not begin as WebVTT.')
  return cues.map(([times, ...lines]) => {
    if (/[<]|&(?!(amp|lt|gt);)|-->/.test(lines.join()))
      throw new Error(`Not escaped: ${lines.join()}`)
    const texts = lines.map((line) =>
      line.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'),
    )
    return parsedCue(times, texts)
  })
}

function blocks(text: string): string[][] {
  return text.split(/\n{2,}/).flatMap((block) => (block === '' ? [] : [block.split('\n')]))
}

function parsedCue(times = '', lines: readonly string[]): ParsedCue {
  const parts = TIMES.exec(times)?.slice(1).map(Number)
  if (
    !parts ||
    lines.length === 0 ||
    lines.some((line) => line.trim() === '' || line.includes('-->'))
  ) {
    throw new Error(`This is no cue: ${times} ${lines.join(' / ')}`)
  }
  const at = (from: number) => {
    const [hours = 0, minutes = 0, seconds = 0, ms = 0] = parts.slice(from, from + 4)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms
  }
  return { startMs: at(0), endMs: at(4), lines }
}
