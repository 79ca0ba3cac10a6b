/**
 * The characters that CEA-608 has, and with them the caption encoder of OBS. Any other becomes a hole
 * in the line there, so it is folded or left out here.
 */
const BASIC = new Set(
  ' !"#$%&’()+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]abcdefghijklmnopqrstuvwxyzáéíóúç÷Ññ█',
)
const SPECIAL = new Set('®°½¿™¢£♪àèâêîôû')
const EXTENDED = new Set('ÁÉÓÚÜü‘¡*—©℠•“”ÀÂÇÈÊËëÎÏïÔÙùÛ«»ÃãÍÌìÒòÕõ{}\\^_|~ÄäÖöß¥¤¦ÅåØø')

/** What Unicode's own decomposition does not fold. The plain apostrophe costs three times the curly one. */
const FOLDED: Readonly<Record<string, string>> = {
  "'": '’',
  '`': '‘',
  '‚': '’',
  '„': '“',
  '‹': '<',
  '›': '>',
  '–': '-',
  '−': '-',
  '×': 'x',
  '€': 'EUR',
  Æ: 'AE',
  æ: 'ae',
  Œ: 'OE',
  œ: 'oe',
  Ł: 'L',
  ł: 'l',
  Đ: 'D',
  đ: 'd',
  Ð: 'D',
  ð: 'd',
  Þ: 'TH',
  þ: 'th',
  ı: 'i',
  ẞ: 'SS',
}

export interface CaptionWords {
  readonly words: readonly string[]
  /** True where words in letters that closed captions do not have were left out. */
  readonly hasForeignLetters: boolean
}

/**
 * The words of `text` as closed captions can show them: other Latin letters lose their accents, emoji
 * vanish, and a word in another script is left out whole rather than shown in pieces.
 */
export function toCaptionWords(text: string): CaptionWords {
  const words: string[] = []
  let hasForeignLetters = false
  for (const word of text.normalize('NFC').split(/\s+/u)) {
    const folded = fold(word)
    if (folded === undefined) hasForeignLetters = true
    else if (folded !== '') words.push(...cutToLines(folded))
  }
  return { words, hasForeignLetters }
}

/** Undefined for a word with letters that CEA-608 does not have. */
function fold(word: string): string | undefined {
  let folded = ''
  for (const char of word) {
    const known = hasChar(char) ? char : (FOLDED[char] ?? decompose(char))
    if (known === '' && /\p{L}/u.test(char)) return undefined
    folded += known
  }
  return folded
}

/** `č` to `c`, `ﬁ` to `fi`, `…` to `...`; empty where nothing known is in it. */
function decompose(char: string): string {
  const plain = char.normalize('NFKD').replace(/[\p{M}\s]/gu, '')
  return Array.from(plain).every(hasChar) ? plain : ''
}

function hasChar(char: string): boolean {
  return BASIC.has(char) || SPECIAL.has(char) || EXTENDED.has(char)
}

/**
 * OBS puts a whole caption into one picture as byte pairs, 31 in a message. What needs a second
 * message is dropped by YouTube and Facebook. Five pairs steer two lines; 13 are left for each.
 */
export const LINES_PER_SCREEN = 2
const PAIRS_PER_LINE = 13

/**
 * Byte pairs that a line takes. Basic characters share a pair; special ones take a whole one; extended
 * ones are preceded by a stand-in for old decoders.
 */
export function pairsOf(line: string): number {
  let pairs = 0
  let hasHalf = false
  for (const char of line) {
    if (BASIC.has(char)) {
      if (hasHalf) pairs += 1
      hasHalf = !hasHalf
    } else {
      pairs += EXTENDED.has(char) || hasHalf ? 2 : 1
      hasHalf = false
    }
  }
  return hasHalf ? pairs + 1 : pairs
}

export function fitsLine(line: string): boolean {
  return pairsOf(line) <= PAIRS_PER_LINE
}

/** A word longer than a line, in pieces that fit; any other word as it is. */
function cutToLines(word: string): string[] {
  const pieces: string[] = []
  let piece = ''
  for (const char of word) {
    if (!fitsLine(piece + char)) {
      pieces.push(piece)
      piece = ''
    }
    piece += char
  }
  return [...pieces, piece]
}
