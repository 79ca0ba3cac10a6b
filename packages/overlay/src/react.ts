export type { OverlayProps } from './overlay.tsx'
export { Overlay } from './overlay.tsx'
export type { OverlayPreviewProps } from './overlay-preview.tsx'
export { OverlayPreview } from './overlay-preview.tsx'
