const unit = (name: 'hour' | 'minute' | 'second', display: 'narrow' | 'short' | 'long') =>
  new Intl.NumberFormat(undefined, { style: 'unit', unit: name, unitDisplay: display })

const clockPart = new Intl.NumberFormat(undefined, { minimumIntegerDigits: 2 })

interface DurationParts {
  readonly hours: number
  readonly minutes: number
  readonly seconds: number
}

/** Whole seconds are cut, not rounded: a credit is never shown larger than it is. */
function partsOf(durationMs: number): DurationParts {
  const total = Math.max(0, Math.floor(durationMs / 1000))
  return {
    hours: Math.floor(total / 3600),
    minutes: Math.floor(total / 60) % 60,
    seconds: total % 60,
  }
}

/** For people: `3 hr 4 min`, `12 min 5 sec`, `0 sec`, with the two largest parts that matter. */
export function formatDuration(
  durationMs: number,
  display: 'narrow' | 'short' | 'long' = 'short',
): string {
  const { hours, minutes, seconds } = partsOf(durationMs)
  const parts: string[] = []
  if (hours > 0) parts.push(unit('hour', display).format(hours))
  if (minutes > 0) parts.push(unit('minute', display).format(minutes))
  if (hours === 0 && (seconds > 0 || minutes === 0)) {
    parts.push(unit('second', display).format(seconds))
  }
  return parts.join(' ')
}

/** What runs: `0:07`, `12:05`, `1:02:03`. */
export function formatClock(durationMs: number): string {
  const { hours, minutes, seconds } = partsOf(durationMs)
  const tail = clockPart.format(seconds)
  return hours > 0 ? `${hours}:${clockPart.format(minutes)}:${tail}` : `${minutes}:${tail}`
}

/** A balance: whole minutes, and the seconds beyond them. */
export function splitBalance(balanceMs: number): { minutes: string; seconds: string } {
  const { hours, minutes, seconds } = partsOf(balanceMs)
  return {
    minutes: new Intl.NumberFormat().format(hours * 60 + minutes),
    seconds: clockPart.format(seconds),
  }
}
