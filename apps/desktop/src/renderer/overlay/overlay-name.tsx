import { overlaySchema } from '@saywire/overlay'
import { useState } from 'react'
import { useSetting } from '../api/use-setting.ts'
import { SettingText } from '../ui/setting-text.tsx'

interface OverlayNameProps {
  readonly at: number
  onRenamed(name: string): void
}

/** The name of an overlay, which is a part of its address. */
export function OverlayName({ at, onRenamed }: OverlayNameProps) {
  const overlays = useSetting('overlay', 'overlays')
  const [problem, setProblem] = useState<string>()
  const overlay = overlays.value[at]
  if (!overlay) return null
  const { style } = overlay

  async function rename(name: string): Promise<void> {
    const isTaken = overlays.value.some((other, index) => index !== at && other.name === name)
    if (!overlaySchema.shape.name.safeParse(name).success) {
      setProblem('Use small letters, digits and hyphens: the name is a part of the address.')
    } else if (isTaken) {
      setProblem('Another overlay has this name. Choose a different one.')
    } else {
      setProblem(undefined)
      await overlays.set(overlays.value.with(at, { name, style }))
      onRenamed(name)
    }
  }

  return (
    <SettingText
      label="Name"
      value={overlay.name}
      problem={problem ?? overlays.problem}
      onCommit={rename}
    />
  )
}
