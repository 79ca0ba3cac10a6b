import { useState } from 'react'
import { useDesktopState, useSettings } from '../api/hooks.ts'
import { ObsGuide } from '../overlay/obs-guide.tsx'
import { OverlayAddress } from '../overlay/overlay-address.tsx'
import { OverlayEditor } from '../overlay/overlay-editor.tsx'
import { OverlayList } from '../overlay/overlay-list.tsx'
import { OverlayName } from '../overlay/overlay-name.tsx'
import { OverlayPort } from '../overlay/overlay-port.tsx'
import { Group } from './group.tsx'

/** The overlays, each with its address and its look. What is wrong with the address comes first. */
export function OverlaySection() {
  const { overlays } = useSettings().overlay
  const isRunning = useDesktopState().overlay.url !== undefined
  const [chosen, setChosen] = useState(overlays[0]?.name ?? 'main')
  const at = Math.max(
    0,
    overlays.findIndex(({ name }) => name === chosen),
  )
  const overlay = overlays[at]
  if (!overlay) return null
  const address = (
    <Group title="Address">
      <OverlayName key={overlay.name} at={at} onRenamed={setChosen} />
      <OverlayAddress overlay={overlay.name} isFirst={at === 0} />
      {isRunning && <OverlayPort />}
      <details className="more">
        <summary>Where the address goes in OBS</summary>
        <ObsGuide />
      </details>
    </Group>
  )
  return (
    <>
      {!isRunning && address}
      <Group title="Overlay" lead="Each overlay has an address and a look of its own.">
        <OverlayList at={at} onChoose={setChosen} />
      </Group>
      <OverlayEditor key={`look-${overlay.name}`} at={at} />
      {isRunning && address}
    </>
  )
}
