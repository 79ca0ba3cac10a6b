import { useSetting } from '../api/use-setting.ts'
import { SettingText } from '../ui/setting-text.tsx'

export function OverlayPort() {
  const port = useSetting('overlay', 'port')
  return (
    <SettingText
      label="Port"
      type="number"
      isShort
      value={String(port.value)}
      problem={port.problem}
      hint="On this computer only, from 1024 to 65535. OBS needs the address anew after a change."
      onCommit={async (value) => port.set(Number(value))}
    />
  )
}
