import { z } from 'zod'
import type { BundledFontId } from './style-values.ts'
import {
  BUNDLED_FONTS,
  CUSTOM_CSS_CHARS_MAX,
  defaultStyle,
  OVERLAY_STYLE_RANGES,
} from './style-values.ts'

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
  fadeSeconds: numberIn(OVERLAY_STYLE_RANGES.fadeSeconds, defaultStyle.fadeSeconds),
  maxLines: numberIn(OVERLAY_STYLE_RANGES.maxLines, defaultStyle.maxLines),
  /** Time since captioning began, before each caption. */
  timestamps: z.boolean().catch(defaultStyle.timestamps),
  /** Words that may still change are shown. */
  interim: z.boolean().catch(defaultStyle.interim),
  font: fontSchema.catch(defaultStyle.font),
  fontSizePx: numberIn(OVERLAY_STYLE_RANGES.fontSizePx, defaultStyle.fontSizePx),
  fontWeight: numberIn(OVERLAY_STYLE_RANGES.fontWeight, defaultStyle.fontWeight),
  lineHeight: numberIn(OVERLAY_STYLE_RANGES.lineHeight, defaultStyle.lineHeight),
  widthEm: numberIn(OVERLAY_STYLE_RANGES.widthEm, defaultStyle.widthEm),
  /** Colours are `#rrggbb` or, with alpha, `#rrggbbaa`. */
  textColor: color(defaultStyle.textColor),
  interimColor: color(defaultStyle.interimColor),
  backgroundColor: color(defaultStyle.backgroundColor),
  outlineColor: color(defaultStyle.outlineColor),
  outlineWidthPx: numberIn(OVERLAY_STYLE_RANGES.outlineWidthPx, defaultStyle.outlineWidthPx),
  shadow: z.enum(['none', 'soft', 'hard', 'glow']).catch(defaultStyle.shadow),
  shadowColor: color(defaultStyle.shadowColor),
  /** Where the captions stand in the picture. */
  horizontal: z.enum(['left', 'center', 'right']).catch(defaultStyle.horizontal),
  vertical: z.enum(['top', 'middle', 'bottom']).catch(defaultStyle.vertical),
  /** `center` looks tidier, but then every new word moves the row it joins. */
  textAlign: z.enum(['start', 'center', 'end']).catch(defaultStyle.textAlign),
  /** `auto` follows the words of each caption. */
  direction: z.enum(['auto', 'ltr', 'rtl']).catch(defaultStyle.direction),
  /** How new captions come in; `words` lets each word pop up. Viewers who ask for less motion get none. */
  animation: z.enum(['none', 'fade', 'slide', 'pop', 'words']).catch(defaultStyle.animation),
  /** Added after everything else; it cannot load anything from elsewhere. */
  customCss: z.string().max(CUSTOM_CSS_CHARS_MAX).catch(defaultStyle.customCss),
})

/** How an overlay looks. Every field has a value. */
export type OverlayStyle = z.output<typeof styleShape>
export type OverlayFont = OverlayStyle['font']

/**
 * Parses any value to a complete style and never fails: a field that is missing or broken gets its
 * default, a number outside its range the nearest one inside, and unknown fields are dropped.
 */
export const overlayStyleSchema = styleShape.catch(defaultStyle)

/** One overlay: pages at `/o/<name>` show captions in this style. */
export const overlaySchema = z.object({
  /** Part of its address. */
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/),
  style: overlayStyleSchema,
})
export type NamedOverlay = z.output<typeof overlaySchema>
