import { describe, expect, it } from 'vitest'
import { readOffer } from './offer.ts'

const pack = { id: 'p1', label: 'One hour', seconds: 3600, price_cents: 100, currency: 'usd' }
const offer = { buying: true, packages: [pack], custom: null }
const read = (answer: unknown) => readOffer(answer, 'https://example.org')

describe('what a server sells', () => {
  it('is taken as it is, also from a server that knows packs only', () => {
    expect(read(offer)).toEqual(offer)
    expect(read({ buying: true, packages: [pack] })).toEqual(offer)
  })

  it.each([
    ['nothing', null],
    ['no list', { ...offer, packages: 'many' }],
    ['a label that is no text', { ...offer, packages: [{ ...pack, label: { html: '' } }] }],
    [
      'a currency that there is not',
      { ...offer, packages: [{ ...pack, currency: 'x'.repeat(9) }] },
    ],
    ['packs without end', { ...offer, packages: Array.from({ length: 1000 }, () => pack) }],
  ])('is refused as one sentence where it is %s, before a window shows it', (_what, answer) => {
    expect(() => read(answer)).toThrow('https://example.org says what it sells')
  })
})
