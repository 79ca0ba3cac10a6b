import { useCallback, useEffect, useLayoutEffect, useState } from 'react'
import { createPortal } from 'react-dom'
import { lookCss } from './look-css.ts'
import { Overlay } from './overlay.tsx'
import overlayCss from './overlay.css?inline'
import { containedCss } from './contained-css.ts'
import { SAMPLE_SENTENCES } from './sample-captions.ts'
import type { OverlayFont, OverlayStyle } from './style.ts'
import { loadUploadedFont } from './uploaded-font.ts'
import { useSampleCaptions } from './use-sample-captions.ts'

export interface OverlayPreviewProps {
  readonly style: OverlayStyle
  /** Size of the picture that the style is meant for, px; it is scaled to the preview's width. */
  readonly width?: number
  readonly height?: number
  readonly sentences?: readonly string[]
  /** Holds the picture still. Viewers who ask for less motion get that in any case. */
  readonly isPaused?: boolean
}

/**
 * The overlay in miniature, with somebody speaking: the same component, in a shadow tree, so that
 * custom CSS styles nothing else and cannot leave its box. Bundled fonts need fonts.ts in the page,
 * uploaded ones have to be at `/fonts/<id>`.
 * It is a picture: give it a description beside it.
 */
export function OverlayPreview({
  style,
  width = 1280,
  height = 720,
  sentences = SAMPLE_SENTENCES,
  isPaused = false,
}: OverlayPreviewProps) {
  const { captions, now } = useSampleCaptions(sentences, isPaused)
  const [frame, setFrame] = useState<HTMLDivElement | null>(null)
  const [tree, setTree] = useState<ShadowTree | null>(null)
  const scale = useWidth(frame) / width
  const attach = useCallback((host: HTMLDivElement | null) => {
    setTree(host && openShadowTree(host))
  }, [])
  useLayoutEffect(() => {
    tree?.look.replaceSync(`${lookCss(style, ':host')}\n${containedCss(style.customCss)}`)
  }, [tree, style])
  useUploadedFont(style.font)
  return (
    <div
      ref={setFrame}
      aria-hidden="true"
      style={{ position: 'relative', aspectRatio: `${width} / ${height}`, contain: 'strict' }}
    >
      {/* The outer box is out of reach of `:host` rules; the transform holds fixed elements. */}
      <div
        style={{
          width,
          height,
          contain: 'strict',
          transform: `scale(${scale})`,
          transformOrigin: '0 0',
        }}
      >
        <div ref={attach}>
          {tree &&
            createPortal(
              // What faded while this setting was tried may be seen with another.
              <Overlay key={style.fadeSeconds} captions={captions} style={style} now={now} />,
              tree.root,
            )}
        </div>
      </div>
    </div>
  )
}

function useUploadedFont(font: OverlayFont): void {
  const id = font.kind === 'uploaded' ? font.id : undefined
  useEffect(() => (id === undefined ? undefined : loadUploadedFont({ kind: 'uploaded', id })), [id])
}

interface ShadowTree {
  readonly root: ShadowRoot
  /** The style and its custom CSS. */
  readonly look: CSSStyleSheet
}

/** With constructed sheets: a content security policy that forbids inline styles lets them be. */
function openShadowTree(host: HTMLElement): ShadowTree {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' })
  const base = new CSSStyleSheet()
  base.replaceSync(overlayCss)
  const look = new CSSStyleSheet()
  root.adoptedStyleSheets = [base, look]
  return { root, look }
}

function useWidth(element: HTMLElement | null): number {
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    if (!element) return undefined
    const observer = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0))
    observer.observe(element)
    return () => observer.disconnect()
  }, [element])
  return width
}
