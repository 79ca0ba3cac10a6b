import { z } from 'zod'

/** What each number of a style may be; values outside are moved to the nearer end. */
export const OVERLAY_STYLE_RANGES = {
  /** Silence after which captions fade out; 0 = never. */
  fadeSeconds: { min: 0, max: 600, step: 0.5 },
  /** Rows of text in sight at once. */
  maxLines: { min: 1, max: 10, step: 1 },
  fontSizePx: { min: 12, max: 200, step: 1 },
  fontWeight: { min: 100, max: 900, step: 100 },
  /** Times the font's size. */
  lineHeight: { min: 1, max: 2.5, step: 0.02 },
  outlineWidthPx: { min: 0, max: 12, step: 0.5 },
  /** Width of the captions in times the font's size: 22 holds about 42 characters. */
  widthEm: { min: 8, max: 80, step: 1 },
} as const

export const CUSTOM_CSS_CHARS_MAX = 20_000

/** Fonts that come with Saywire, all under the SIL Open Font License. */
export const BUNDLED_FONTS = {
  inter: { name: 'Inter', family: 'Inter Variable' },
  'atkinson-hyperlegible': {
    name: 'Atkinson Hyperlegible (for low vision)',
    family: 'Atkinson Hyperlegible Next Variable',
  },
  opendyslexic: { name: 'OpenDyslexic (for dyslexia)', family: 'OpenDyslexic' },
  nunito: { name: 'Nunito (rounded)', family: 'Nunito Variable' },
} as const

export type BundledFontId = keyof typeof BUNDLED_FONTS

const fontSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('system'),
    /** A family that the computer has. The characters left out mean something in CSS. */
    family: z
      .string()
      .trim()
      .regex(/^[^\p{Cc}"'\\;,{}<>]{1,100}$/u),
  }),
  z.object({
    kind: z.literal('bundled'),
    id: z.enum(Object.keys(BUNDLED_FONTS) as [BundledFontId, ...BundledFontId[]]),
  }),
  z.object({
    kind: z.literal('uploaded'),
    /** Hash of the file, as the font store has it. */
    id: z.string().regex(/^[0-9a-f]{16}$/),
  }),
])

function color(fallback: string) {
  return z
    .string()
    .regex(/^#([0-9a-f]{6}|[0-9a-f]{8})$/i)
    .toLowerCase()
    .catch(fallback)
}

function numberIn(
  { min, max, step }: { min: number; max: number; step: number },
  fallback: number,
) {
  return z
    .number()
    .catch(fallback)
    .transform((value) => {
      const inside = Math.min(max, Math.max(min, value))
      return step >= 1 ? Math.round(inside / step) * step : inside
    })
}

const styleShape = z.object({
  /** Version of this schema. */
  version: z.literal(1).catch(1),
  fadeSeconds: numberIn(OVERLAY_STYLE_RANGES.fadeSeconds, 6),
  maxLines: numberIn(OVERLAY_STYLE_RANGES.maxLines, 3),
  /** Time since captioning began, before each caption. */
  timestamps: z.boolean().catch(false),
  /** Words that may still change are shown. */
  interim: z.boolean().catch(true),
  font: fontSchema.catch({ kind: 'bundled', id: 'inter' }),
  fontSizePx: numberIn(OVERLAY_STYLE_RANGES.fontSizePx, 44),
  fontWeight: numberIn(OVERLAY_STYLE_RANGES.fontWeight, 700),
  lineHeight: numberIn(OVERLAY_STYLE_RANGES.lineHeight, 1.36),
  widthEm: numberIn(OVERLAY_STYLE_RANGES.widthEm, 22),
  /** Colours are `#rrggbb` or, with alpha, `#rrggbbaa`. */
  textColor: color('#ffffff'),
  interimColor: color('#c3cad6'),
  backgroundColor: color('#00000000'),
  outlineColor: color('#0b0d12'),
  outlineWidthPx: numberIn(OVERLAY_STYLE_RANGES.outlineWidthPx, 2.5),
  shadow: z.enum(['none', 'soft', 'hard', 'glow']).catch('soft'),
  shadowColor: color('#000000bf'),
  /** Where the captions stand in the picture. */
  horizontal: z.enum(['left', 'center', 'right']).catch('center'),
  vertical: z.enum(['top', 'middle', 'bottom']).catch('bottom'),
  /** `center` looks tidier, but then every new word moves the row it joins. */
  textAlign: z.enum(['start', 'center', 'end']).catch('start'),
  /** `auto` follows the words of each caption. */
  direction: z.enum(['auto', 'ltr', 'rtl']).catch('auto'),
  /** How new captions come in; `words` lets each word pop up. Viewers who ask for less motion get none. */
  animation: z.enum(['none', 'fade', 'slide', 'pop', 'words']).catch('none'),
  /** Added after everything else; it cannot load anything from elsewhere. */
  customCss: z.string().max(CUSTOM_CSS_CHARS_MAX).catch(''),
})

/** How an overlay looks. Every field has a value. */
export type OverlayStyle = z.output<typeof styleShape>
export type OverlayFont = OverlayStyle['font']

/**
 * Parses any value to a complete style and never fails: a field that is missing or broken gets its
 * default, a number outside its range the nearest one inside, and unknown fields are dropped.
 */
export const overlayStyleSchema = styleShape.catch(() => styleShape.parse({}))

/** One overlay: pages at `/o/<name>` show captions in this style. */
export const overlaySchema = z.object({
  /** Part of its address. */
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/),
  style: overlayStyleSchema,
})
export type NamedOverlay = z.output<typeof overlaySchema>
