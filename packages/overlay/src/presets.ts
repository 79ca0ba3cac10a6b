import type { OverlayStyle } from './style.ts'
import { defaultStyle } from './style-values.ts'

/** A look to start from. */
export interface OverlayPreset {
  readonly id: string
  readonly name: string
  /** One sentence on what it is good for. */
  readonly description: string
  readonly style: OverlayStyle
}

function preset(
  id: string,
  name: string,
  description: string,
  style: Partial<OverlayStyle>,
): OverlayPreset {
  return { id, name, description, style: { ...defaultStyle, ...style } }
}

/** The first is the default look. Each is readable over black, white and busy footage. */
export const overlayPresets: readonly OverlayPreset[] = [
  preset('outline', 'Outline', 'White letters with a dark edge: covers the least of a game.', {}),
  preset('broadcast', 'Broadcast', 'White on a dark plate, as on television.', {
    fontWeight: 600,
    backgroundColor: '#0b0d12d9',
    interimColor: '#b8c1cf',
    outlineWidthPx: 0,
    shadow: 'none',
    textAlign: 'center',
    animation: 'fade',
  }),
  preset('high-contrast', 'High contrast', 'Yellow on solid black: for the largest contrast.', {
    font: { kind: 'bundled', id: 'atkinson-hyperlegible' },
    fontSizePx: 52,
    textColor: '#ffe94a',
    interimColor: '#ffffff',
    backgroundColor: '#000000',
    outlineWidthPx: 0,
    shadow: 'none',
    maxLines: 2,
  }),
  preset('easy-reading', 'Easy reading', 'OpenDyslexic on warm paper, with room between rows.', {
    font: { kind: 'bundled', id: 'opendyslexic' },
    fontSizePx: 36,
    fontWeight: 400,
    widthEm: 30,
    lineHeight: 1.7,
    textColor: '#1d2430',
    interimColor: '#4a5568',
    backgroundColor: '#fff7e6f2',
    outlineWidthPx: 0,
    shadow: 'none',
    fadeSeconds: 10,
  }),
  preset('lower-third', 'Lower third', 'Small and to the left: for talks and interviews.', {
    fontSizePx: 34,
    fontWeight: 500,
    widthEm: 28,
    maxLines: 2,
    backgroundColor: '#101828e6',
    interimColor: '#aeb9ca',
    outlineWidthPx: 0,
    shadow: 'none',
    horizontal: 'left',
    animation: 'slide',
  }),
  preset('cosy', 'Cosy', 'Round letters on a soft plum plate: for chatting.', {
    font: { kind: 'bundled', id: 'nunito' },
    fontWeight: 800,
    textColor: '#fff4e8',
    interimColor: '#e3c4d4',
    backgroundColor: '#3b1f3de0',
    outlineWidthPx: 0,
    shadow: 'none',
    textAlign: 'center',
    animation: 'pop',
  }),
  preset('neon', 'Neon', 'A cyan glow round bright letters: for dark games.', {
    textColor: '#f2feff',
    interimColor: '#a5e9f2',
    outlineColor: '#052e3a',
    outlineWidthPx: 3,
    shadow: 'glow',
    shadowColor: '#00d5ff',
    animation: 'words',
  }),
  preset('bold-pop', 'Bold', 'Large, heavy and short-lived: for clips and short videos.', {
    font: { kind: 'bundled', id: 'nunito' },
    fontSizePx: 72,
    fontWeight: 900,
    lineHeight: 1.15,
    widthEm: 14,
    maxLines: 2,
    fadeSeconds: 3,
    textColor: '#ffffff',
    interimColor: '#ffe14d',
    outlineColor: '#000000',
    outlineWidthPx: 6,
    shadow: 'hard',
    shadowColor: '#000000',
    textAlign: 'center',
    vertical: 'middle',
    animation: 'words',
  }),
]
