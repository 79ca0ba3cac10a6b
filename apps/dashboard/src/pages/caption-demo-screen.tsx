import type { OverlayStyle } from '@saywire/overlay'
import { defaultStyle } from '@saywire/overlay'
import { OverlayPreview } from '@saywire/overlay/react'

const STYLE: OverlayStyle = {
  ...defaultStyle,
  font: { kind: 'bundled', id: 'atkinson-hyperlegible' },
  textColor: '#f3f6f5',
  interimColor: '#ffd84a',
  fontSizePx: 46,
  widthEm: 19,
  maxLines: 2,
  outlineWidthPx: 0,
  shadow: 'none',
  vertical: 'middle',
  fadeSeconds: 0,
  backgroundColor: '#14191a',
}

const SENTENCES = [
  'Hi everyone, can you all read me?',
  'Words appear as soon as I say them.',
  'White ones are certain, yellow ones may still change.',
] as const

/** The overlay itself, in miniature, with somebody speaking. */
export function CaptionDemoScreen({ isPaused }: { readonly isPaused: boolean }) {
  return (
    <OverlayPreview
      style={STYLE}
      width={960}
      height={220}
      sentences={SENTENCES}
      isPaused={isPaused}
    />
  )
}
