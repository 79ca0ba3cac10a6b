export {
  BUNDLED_FONTS,
  CUSTOM_CSS_CHARS_MAX,
  OVERLAY_STYLE_RANGES,
  overlaySchema,
  overlayStyleSchema,
} from './style.ts'
export type { BundledFontId, NamedOverlay, OverlayFont, OverlayStyle } from './style.ts'
export { overlayPresets } from './presets.ts'
export type { OverlayPreset } from './presets.ts'
