import { useState } from 'react'
import { useSettings } from '../api/hooks.ts'
import { useSetting } from '../api/use-setting.ts'
import { ObsGuide } from '../overlay/obs-guide.tsx'
import { OverlayAddress } from '../overlay/overlay-address.tsx'
import { OverlayEditor } from '../overlay/overlay-editor.tsx'
import { OverlayList } from '../overlay/overlay-list.tsx'
import { OverlayName } from '../overlay/overlay-name.tsx'
import { SettingText } from '../ui/setting-text.tsx'
import { Group } from './group.tsx'

/** The overlays, each with its address and its look. */
export function OverlaySection() {
  const { overlays } = useSettings().overlay
  const port = useSetting('overlay', 'port')
  const [chosen, setChosen] = useState(overlays[0]?.name ?? 'main')
  const at = Math.max(
    0,
    overlays.findIndex(({ name }) => name === chosen),
  )
  const overlay = overlays[at]
  if (!overlay) return null
  return (
    <>
      <Group title="Overlay" lead="Each overlay has an address and a look of its own.">
        <OverlayList at={at} onChoose={setChosen} />
      </Group>
      <OverlayEditor key={`look-${overlay.name}`} at={at} />
      <Group title="Address">
        <OverlayName key={overlay.name} at={at} onRenamed={setChosen} />
        <OverlayAddress overlay={overlay.name} isFirst={at === 0} />
        <SettingText
          label="Port"
          type="number"
          isShort
          value={String(port.value)}
          problem={port.problem}
          hint="On this computer only. Choose another one where 8080 is taken, from 1024 to 65535."
          onCommit={async (value) => port.set(Number(value))}
        />
        <details className="more">
          <summary>Where the address goes in OBS</summary>
          <ObsGuide />
        </details>
      </Group>
    </>
  )
}
