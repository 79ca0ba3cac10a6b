import { describe, expect, it } from 'vitest'
import { elapsedTime } from './elapsed-time.ts'
import { lookCss } from './look-css.ts'
import { overlayStyleSchema } from './style.ts'

describe('lookCss', () => {
  it('makes one rule of a style, whatever was asked for as a style', () => {
    const style = overlayStyleSchema.parse({
      textColor: '#fff; } * { display: none',
      font: { kind: 'system', family: '</style><script>' },
      shadow: 'none; } body { display: none',
    })
    const css = lookCss(style, ':root')
    expect(css.match(/[{}]/g)).toEqual(['{', '}'])
    expect(css).not.toContain('<')
  })

  it.each([
    [{ kind: 'system', family: 'Comic Sans MS' }, '--caption-font: "Comic Sans MS", '],
    [{ kind: 'bundled', id: 'opendyslexic' }, "--caption-font: 'OpenDyslexic', "],
    [{ kind: 'uploaded', id: '0123456789abcdef' }, "--caption-font: 'saywire-0123456789abcdef', "],
  ])('names the font %j, and fonts to fall back to', (font, expected) => {
    expect(lookCss(overlayStyleSchema.parse({ font }), ':host')).toContain(expected)
  })
})

describe('elapsedTime', () => {
  it.each([
    [0, '0:00'],
    [61_999, '1:01'],
    [3_600_000, '1:00:00'],
    [37_325_000, '10:22:05'],
  ])('says %d ms as %s', (ms, expected) => {
    expect(elapsedTime(ms)).toBe(expected)
  })
})
