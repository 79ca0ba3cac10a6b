/**
 * @param cents smallest unit of a currency with two decimals
 * @param currency ISO 4217, in any case
 */
export function formatPrice(cents: number, currency: string): string {
  return new Intl.NumberFormat(undefined, {
    style: 'currency',
    currency: currency.toUpperCase(),
    trailingZeroDisplay: 'stripIfInteger',
  }).format(cents / 100)
}

/**
 * What a person typed as dollars, in cents; undefined for what is no amount with at most two
 * decimals. A decimal comma counts as a point. Read as text: 1.15 * 100 is not 115.
 */
export function parseDollars(text: string): number | undefined {
  const match = /^\s*\$?\s*(\d{1,6})(?:[.,](\d{1,2}))?\s*$/.exec(text)
  if (!match) return undefined
  return Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'))
}
