import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CUSTOM_CSS_CHARS_MAX, defaultStyle, OVERLAY_STYLE_RANGES } from './style-values.ts'
import type { OverlayStyle } from './style.ts'
import { overlayStyleSchema } from './style.ts'

const DEFAULTS: OverlayStyle = defaultStyle

describe('overlayStyleSchema', () => {
  it.each([undefined, null, 'text', 7, [], {}])('makes a whole style of %j', (value) => {
    expect(overlayStyleSchema.parse(value)).toEqual(DEFAULTS)
    expect(Object.values(DEFAULTS)).not.toContain(undefined)
  })

  it('mends what is broken, field by field, and keeps the rest', () => {
    const broken = {
      fontSizePx: '44',
      maxLines: null,
      textColor: 'red; } body { display: none',
      font: { kind: 'bundled', id: 'comic' },
      animation: 'spin',
      customCss: 'x'.repeat(CUSTOM_CSS_CHARS_MAX + 1),
      interimColor: '#ABCDEF80',
      timestamps: true,
      unknown: 1,
    }
    expect(overlayStyleSchema.parse(broken)).toEqual({
      ...DEFAULTS,
      interimColor: '#abcdef80',
      timestamps: true,
    })
  })

  it.each([
    ['fadeSeconds', -1, 0],
    ['fadeSeconds', 1e9, 600],
    ['fontSizePx', Number.NaN, DEFAULTS.fontSizePx],
    ['fontSizePx', 20.4, 20],
    ['lineHeight', 1.25, 1.25],
    ['fontWeight', 650, 700],
  ] as const)('takes %s of %d as %d', (field, given, expected) => {
    expect(overlayStyleSchema.parse({ [field]: given })[field]).toBe(expected)
  })

  it.each(['a"b', 'a; b', 'a\\b', 'a\nb', '', ' ', 'x'.repeat(101), 'url(x)<'])(
    'does not take %j for the name of a font',
    (family) => {
      expect(overlayStyleSchema.parse({ font: { kind: 'system', family } }).font).toEqual(
        DEFAULTS.font,
      )
    },
  )

  it('never fails, and takes what it made for what it is', () => {
    const field = fc.constantFrom(...Object.keys(DEFAULTS))
    fc.assert(
      fc.property(fc.dictionary(field, fc.anything()), (value) => {
        const style = overlayStyleSchema.parse(value)
        expect(overlayStyleSchema.parse(style)).toEqual(style)
        for (const [name, { min, max }] of Object.entries(OVERLAY_STYLE_RANGES)) {
          const number = style[name as keyof typeof OVERLAY_STYLE_RANGES]
          expect(number >= min && number <= max).toBe(true)
        }
      }),
    )
  })
})
