import type { HotkeyAction } from '../../settings/settings.ts'
import { HOTKEY_ACTIONS } from '../../settings/settings.ts'
import { useAppInfo } from '../api/use-app-info.ts'
import { Group } from './group.tsx'
import { HotkeyField } from './hotkey-field.tsx'

const ACTIONS = {
  toggle: { name: 'Start or stop', verb: 'toggle' },
  start: { name: 'Start', verb: 'start' },
  stop: { name: 'Stop', verb: 'stop' },
  mute: { name: 'Mute or unmute', verb: 'mute' },
  pushToTalk: { name: 'Push to talk (hold it)', verb: 'unmute' },
} as const satisfies Record<HotkeyAction, { name: string; verb: string }>

/** Keys that work in every program. */
export function HotkeysSection() {
  const command = useAppInfo()?.ctlCommand ?? 'saywire ctl'
  return (
    <Group
      title="In every program"
      lead="Press a field, then the keys. Where your desktop cannot deliver a key, a keyboard tool or stream deck can run the command that is shown."
    >
      <ul className="hotkeys">
        {HOTKEY_ACTIONS.map((action) => (
          <li key={action}>
            <HotkeyField
              action={action}
              name={ACTIONS[action].name}
              command={`${command} ${ACTIONS[action].verb}`}
            />
          </li>
        ))}
      </ul>
    </Group>
  )
}
