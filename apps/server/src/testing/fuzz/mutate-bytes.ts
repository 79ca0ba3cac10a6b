import type { Random } from './random.ts'

const INSERTIONS = [
  Buffer.from([0]),
  Buffer.from([0xff, 0xfe]),
  Buffer.from([0xef, 0xbb, 0xbf]),
  // Overlong, cut short, and a surrogate: none is UTF-8.
  Buffer.from([0xc0, 0xaf]),
  Buffer.from([0xf0, 0x9f, 0x98]),
  Buffer.from([0xed, 0xa0, 0x80]),
  Buffer.from('\r\n\r\n'),
  Buffer.from('"'),
  Buffer.from('}'),
  Buffer.from('{'),
  Buffer.from('\\'),
  Buffer.from(' '.repeat(300)),
] as const

/** The same bytes, but for one accident: cut off, another encoding, something in between. */
export function mutateBytes(random: Random, bytes: Buffer): Buffer {
  const at = random.int(bytes.length + 1)
  switch (random.int(7)) {
    case 0:
      return bytes.subarray(0, at)
    case 1:
      return Buffer.concat([bytes.subarray(0, at), random.pick(INSERTIONS), bytes.subarray(at)])
    case 2: {
      const flipped = Buffer.from(bytes)
      if (at < flipped.length) flipped[at] = (flipped[at] ?? 0) ^ (1 << random.int(8))
      return flipped
    }
    case 3:
      return Buffer.from(bytes.toString('utf8'), 'utf16le')
    case 4:
      return Buffer.concat([bytes, bytes.subarray(at)])
    case 5:
      return Buffer.alloc(0)
    default:
      return random.bytes(random.int(200))
  }
}
