import { describe, expect, it } from 'vitest'
import { overlayPresets } from './presets.ts'
import { overlayStyleSchema } from './style.ts'

/** What WCAG asks for text of this size is 3; captions are read at a glance. */
const CONTRAST_MIN = 4.5

type Rgb = [number, number, number]

/** `#rrggbbaa` over a background, as the eye gets it. */
function over(color: string, behind: Rgb): Rgb {
  const channel = (n: number) => Number.parseInt(color.slice(1 + 2 * n, 3 + 2 * n), 16)
  const alpha = color.length === 9 ? channel(3) / 255 : 1
  return behind.map((value, n) => channel(n) * alpha + value * (1 - alpha)) as Rgb
}

/** As WCAG 2.2 defines it. */
function contrast(a: Rgb, b: Rgb): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x)
  return (light + 0.05) / (dark + 0.05)
}

function luminance(color: Rgb): number {
  const [r, g, b] = color.map((value) => {
    const part = value / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  }) as Rgb
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

describe('overlayPresets', () => {
  it('are several, each with an id of its own', () => {
    expect(new Set(overlayPresets.map(({ id }) => id)).size).toBe(overlayPresets.length)
    expect(overlayPresets.length).toBeGreaterThanOrEqual(6)
  })

  describe.each(overlayPresets.map((preset) => [preset.id, preset] as const))(
    '%s',
    (_id, preset) => {
      const { style } = preset

      it('needs no mending', () => {
        expect(overlayStyleSchema.parse(style)).toEqual(style)
      })

      it.each([
        ['black', [0, 0, 0]],
        ['white', [255, 255, 255]],
      ] as [string, Rgb][])('can be read over %s, guesses too', (_name, picture) => {
        const edge = style.outlineWidthPx > 0 ? style.outlineColor : style.backgroundColor
        const around = over(edge, picture)
        for (const color of [style.textColor, style.interimColor]) {
          expect(contrast(over(color, around), around)).toBeGreaterThan(CONTRAST_MIN)
        }
      })
    },
  )
})
