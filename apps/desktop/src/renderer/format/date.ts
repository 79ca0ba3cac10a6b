const DAY = new Intl.DateTimeFormat(undefined, {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
})

/** `Fri, Nov 20, 2026, 8:02 PM`, in the user's zone and language. */
export function formatMoment(epochMs: number): string {
  return DAY.format(epochMs)
}

const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })

/** `8:02:11 PM`, in the user's zone and language. */
export function formatTime(epochMs: number): string {
  return TIME.format(epochMs)
}
