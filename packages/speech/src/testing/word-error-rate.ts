const SPELLED_OUT: Readonly<Record<string, string>> = {
  mr: 'mister',
  mrs: 'missus',
  dr: 'doctor',
  st: 'saint',
  ok: 'okay',
  percent: 'per cent',
}
const SMALL =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  )
const TENS = ' , ,twenty,thirty,forty,fifty,sixty,seventy,eighty,ninety'.split(',')
const ORDINALS: Readonly<Record<string, string>> = {
  one: 'first',
  two: 'second',
  three: 'third',
  five: 'fifth',
  eight: 'eighth',
  nine: 'ninth',
  twelve: 'twelfth',
}

/** Words that differ, of the reference's words. `errors / words` may exceed 1. */
export interface WordErrors {
  readonly errors: number
  readonly words: number
}

/**
 * Word errors (substitutions, insertions and deletions, the fewest that explain the difference)
 * after both texts were normalised as speech recognition is usually scored: see `spokenForm`.
 */
export function wordErrors(reference: string, heard: string): WordErrors {
  const wanted = spokenForm(reference)
  const got = spokenForm(heard)
  let row = Array.from({ length: got.length + 1 }, (_, i) => i)
  for (const [i, word] of wanted.entries()) {
    const next = [i + 1]
    for (const [j, other] of got.entries()) {
      const substitution = (row[j] as number) + (word === other ? 0 : 1)
      next.push(Math.min(substitution, (row[j + 1] as number) + 1, (next[j] as number) + 1))
    }
    row = next
  }
  return { errors: row.at(-1) as number, words: wanted.length }
}

/** Total over several texts, 0 where there is no word. */
export function wordErrorRate(results: Iterable<WordErrors>): number {
  let errors = 0
  let words = 0
  for (const result of results) {
    errors += result.errors
    words += result.words
  }
  return words === 0 ? 0 : errors / words
}

/** Lower-case words without punctuation or notes; numbers, titles and symbols as they are said. */
export function spokenForm(text: string): string[] {
  return text
    .toLowerCase()
    .replaceAll(/\[[^\]]*\]|\([^)]*\)/g, ' ')
    .replaceAll(/[’‘]/g, "'")
    .replaceAll(/(\d),(?=\d{3})/g, '$1')
    .replaceAll(/\$(\d+)/g, '$1 dollars')
    .replaceAll('%', ' per cent ')
    .replaceAll('&', ' and ')
    .replaceAll(/(\d+)(?:st|nd|rd|th)\b/g, (_, digits: string) => ordinal(Number(digits)))
    .replaceAll(/\d+/g, (digits) => ` ${cardinal(Number(digits))} `)
    .replaceAll("'", '')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .split(' ')
    .filter((word) => word !== '')
    .flatMap((word) => (SPELLED_OUT[word] ?? word).split(' '))
}

/** 0–999,999 in words, years as they are said (1961: nineteen sixty one); beyond, digit by digit. */
function cardinal(n: number): string {
  if (n < 20) return SMALL[n] as string
  if (n < 100) return [TENS[Math.floor(n / 10)], n % 10 ? SMALL[n % 10] : ''].join(' ').trim()
  if (n >= 1100 && n < 2000 && n % 100 >= 10) {
    return `${cardinal(Math.floor(n / 100))} ${cardinal(n % 100)}`
  }
  if (n < 1000) return larger(n, 100, 'hundred')
  if (n < 1_000_000) return larger(n, 1000, 'thousand')
  return Array.from(String(n), (digit) => SMALL[Number(digit)]).join(' ')
}

function larger(n: number, unit: number, name: string): string {
  const rest = n % unit
  const head = `${cardinal(Math.floor(n / unit))} ${name}`
  return rest === 0 ? head : `${head} ${cardinal(rest)}`
}

function ordinal(n: number): string {
  const words = cardinal(n).split(' ')
  const last = words.pop() as string
  const end = ORDINALS[last] ?? (last.endsWith('y') ? `${last.slice(0, -1)}ieth` : `${last}th`)
  return [...words, end].join(' ')
}
