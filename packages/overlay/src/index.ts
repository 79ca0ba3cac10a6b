export type { Caption, CaptionState } from './captions.ts'
export { CAPTIONS_MAX, noCaptions } from './captions.ts'
export { lookCss } from './look-css.ts'
export type { OverlayPreset } from './presets.ts'
export { overlayPresets } from './presets.ts'
export type { NamedOverlay, OverlayFont, OverlayStyle } from './style.ts'
export { overlaySchema, overlayStyleSchema } from './style.ts'
export type { BundledFontId } from './style-values.ts'
export {
  BUNDLED_FONTS,
  CUSTOM_CSS_CHARS_MAX,
  defaultStyle,
  OVERLAY_STYLE_RANGES,
} from './style-values.ts'
export type { OverlayRow, OverlayView, RowLimits } from './visible-rows.ts'
export { visibleRows } from './visible-rows.ts'
