import type { OverlayFont, OverlayStyle, RowLimits } from '@saywire/overlay'
import { lookCss } from '@saywire/overlay'
import { loadUploadedFont } from '@saywire/overlay/react'

/** The uploaded font that the page has. */
let loaded: { id: string | undefined; remove(): void } = { id: undefined, remove: () => undefined }

/** Gives the page a style; the captions that are on screen take it at once. */
export function applyLook(style: OverlayStyle): void {
  setText('look', lookCss(style, ':root'))
  // As the text of an element it cannot end it.
  setText('custom-css', style.customCss)
  showFont(style.font)
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

function showFont(font: OverlayFont): void {
  const id = font.kind === 'uploaded' ? font.id : undefined
  if (id === loaded.id) return
  loaded.remove()
  loaded = { id, remove: loadUploadedFont(font) }
}
