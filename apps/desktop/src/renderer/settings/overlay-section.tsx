export function OverlaySection() {
  return null
}
