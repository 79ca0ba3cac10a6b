import type { OverlayStyle, RowLimits } from '@saywire/overlay'
import { lookCss, uploadedFontFamily } from '@saywire/overlay'

/** The uploaded font that the page has. */
let uploaded: FontFace | undefined

/** Gives the page a style; the captions that are on screen take it at once. */
export function applyLook(style: OverlayStyle): void {
  setText('look', lookCss(style, ':root'))
  // As the text of an element it cannot end it.
  setText('custom-css', style.customCss)
  loadUploadedFont(style)
}

/**
 * The limits as custom CSS has them, which OBS adds some time after the page has loaded: ask anew
 * with each change.
 */
export function limitsNow(style: OverlayStyle): RowLimits {
  const computed = getComputedStyle(document.body)
  return {
    fadeSeconds: variable(computed, '--caption-hold-seconds') ?? style.fadeSeconds,
    maxLines: Math.max(1, variable(computed, '--caption-rows') ?? style.maxLines),
    interim: style.interim,
  }
}

function variable(computed: CSSStyleDeclaration, name: string): number | undefined {
  const text = computed.getPropertyValue(name).trim()
  const number = Number(text)
  return text !== '' && Number.isFinite(number) && number >= 0 ? number : undefined
}

function setText(id: string, css: string): void {
  const element = document.getElementById(id)
  if (element && element.textContent !== css) element.textContent = css
}

function loadUploadedFont({ font }: OverlayStyle): void {
  const family = font.kind === 'uploaded' ? uploadedFontFamily(font.id) : undefined
  if (uploaded?.family === family) return
  if (uploaded) document.fonts.delete(uploaded)
  uploaded = undefined
  if (font.kind !== 'uploaded' || family === undefined) return
  uploaded = new FontFace(family, `url(/fonts/${font.id})`)
  document.fonts.add(uploaded)
  // Where it cannot be had, the fallbacks of the look are used.
  uploaded.load().catch(() => undefined)
}
