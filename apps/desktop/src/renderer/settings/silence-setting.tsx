import { useSetting } from '../api/use-setting.ts'
import { SettingSegments } from '../ui/setting-choice.tsx'

const OPTIONS = [
  { value: 'auto', name: 'Automatic' },
  { value: 'on', name: 'Leave out' },
  { value: 'off', name: 'Send' },
] as const

/** Whether an engine is sent what nobody says. */
export function SilenceSetting() {
  const gate = useSetting('continuity', 'silenceGate')
  return (
    <SettingSegments
      label="While nobody speaks"
      value={gate.value}
      options={OPTIONS}
      problem={gate.problem}
      hint="Silence that is left out is not sent anywhere and costs nothing; the half second before each word still goes along. Automatic leaves it out in managed mode only."
      onChoose={gate.set}
    />
  )
}
