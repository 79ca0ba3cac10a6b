import type { OverlayFont, OverlayStyle } from './style.ts'
import { BUNDLED_FONTS } from './style-values.ts'

const FALLBACKS =
  "'Inter Variable', 'Segoe UI', 'Helvetica Neue', 'Noto Sans', 'Liberation Sans', sans-serif"

const FLEX = {
  left: 'flex-start',
  center: 'center',
  right: 'flex-end',
  top: 'flex-start',
  middle: 'center',
  bottom: 'flex-end',
} as const

const SHADOWS = {
  none: '0 0 0 transparent',
  soft: '0 0.06em 0.24em COLOR',
  hard: 'calc(var(--caption-outline-width) + 0.05em) calc(var(--caption-outline-width) + 0.05em) 0 COLOR',
  glow: '0 0 0.3em COLOR, 0 0 0.7em COLOR',
} as const satisfies Record<OverlayStyle['shadow'], string>

/**
 * Pure: the style as CSS variables on `selector`. They are the overlay's public surface: whoever
 * writes custom CSS sets them anew. Values come from a parsed style, so none can end its rule.
 */
export function lookCss(style: OverlayStyle, selector: string): string {
  const variables = {
    font: fontFamily(style.font),
    size: `${style.fontSizePx}px`,
    weight: style.fontWeight,
    'line-height': style.lineHeight,
    width: `${style.widthEm}em`,
    color: style.textColor,
    'interim-color': style.interimColor,
    background: style.backgroundColor,
    'outline-color': style.outlineColor,
    'outline-width': `${style.outlineWidthPx}px`,
    shadow: SHADOWS[style.shadow].replaceAll('COLOR', style.shadowColor),
    align: style.textAlign,
    horizontal: FLEX[style.horizontal],
    vertical: FLEX[style.vertical],
    rows: style.maxLines,
    'hold-seconds': style.fadeSeconds,
  }
  const lines = Object.entries(variables).map(([name, value]) => `  --caption-${name}: ${value};`)
  return `${selector} {\n${lines.join('\n')}\n}`
}

/** Name under which an uploaded font is loaded. */
export function uploadedFontFamily(id: string): string {
  return `saywire-${id}`
}

function fontFamily(font: OverlayFont): string {
  if (font.kind === 'system') return `"${font.family}", ${FALLBACKS}`
  if (font.kind === 'bundled') return `'${BUNDLED_FONTS[font.id].family}', ${FALLBACKS}`
  return `'${uploadedFontFamily(font.id)}', ${FALLBACKS}`
}
