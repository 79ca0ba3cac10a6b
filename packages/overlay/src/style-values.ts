// What a style is made of, free of zod: pages that only show captions need no parser.

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

/** The style of somebody who chose nothing. */
export const defaultStyle = {
  version: 1,
  fadeSeconds: 6,
  maxLines: 3,
  timestamps: false,
  interim: true,
  font: { kind: 'bundled', id: 'inter' },
  fontSizePx: 44,
  fontWeight: 700,
  lineHeight: 1.36,
  widthEm: 22,
  textColor: '#ffffff',
  interimColor: '#c3cad6',
  backgroundColor: '#00000000',
  outlineColor: '#0b0d12',
  outlineWidthPx: 2.5,
  shadow: 'soft',
  shadowColor: '#000000bf',
  horizontal: 'center',
  vertical: 'bottom',
  textAlign: 'start',
  direction: 'auto',
  animation: 'none',
  customCss: '',
} as const
