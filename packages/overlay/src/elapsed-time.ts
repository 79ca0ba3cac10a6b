/** `0:07`, `12:34`, `1:02:03`: time since captioning began. */
export function elapsedTime(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60]
  const hours = Math.floor(seconds / 3600)
  if (hours > 0) parts.unshift(hours)
  return parts.map((part, n) => (n === 0 ? `${part}` : `${part}`.padStart(2, '0'))).join(':')
}
