import type { OverlayFont } from './style.ts'
import { uploadedFontFamily } from './look-css.ts'

/**
 * Loads an uploaded font into the page, which has to have it at `/fonts/<id>`. Where it cannot be
 * had, the fallbacks of the look are used. Other fonts need nothing.
 * @returns what takes it out of the page again
 */
export function loadUploadedFont(font: OverlayFont): () => void {
  if (font.kind !== 'uploaded') return () => undefined
  const face = new FontFace(uploadedFontFamily(font.id), `url(/fonts/${font.id})`)
  document.fonts.add(face)
  face.load().catch(() => undefined)
  return () => document.fonts.delete(face)
}
