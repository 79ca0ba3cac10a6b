const dayAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const timeOnly = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' })
const dayOnly = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })
// A calendar day has no time zone; UTC keeps the browser's from moving it.
const calendarDay = new Intl.DateTimeFormat(undefined, {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  timeZone: 'UTC',
})
const calendarDayShort = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  timeZone: 'UTC',
})

/** The user's own time zone, such as `Europe/Paris`. */
export const localTimeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone

/** @param instant ISO 8601 */
export const formatDateTime = (instant: string): string => dayAndTime.format(new Date(instant))

/** @param instant ISO 8601 */
export const formatTime = (instant: string): string => timeOnly.format(new Date(instant))

/** @param instant ISO 8601 */
export const formatDate = (instant: string): string => dayOnly.format(new Date(instant))

/** @param day calendar day, `YYYY-MM-DD` */
export const formatDay = (day: string): string => calendarDay.format(new Date(`${day}T00:00:00Z`))

/** @param day calendar day, `YYYY-MM-DD` */
export const formatDayShort = (day: string): string =>
  calendarDayShort.format(new Date(`${day}T00:00:00Z`))
