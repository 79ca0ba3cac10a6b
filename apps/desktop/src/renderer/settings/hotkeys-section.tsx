import type { HotkeyAction } from '../../settings/settings.ts'
import { HOTKEY_ACTIONS } from '../../settings/settings.ts'
import { useAppInfo } from '../api/use-app-info.ts'
import { Group } from './group.tsx'
import { HotkeyField } from './hotkey-field.tsx'
import { QuickLanguages } from './quick-languages.tsx'

const ACTIONS = {
  toggle: { name: 'Start or stop', verbs: ['toggle'] },
  start: { name: 'Start', verbs: ['start'] },
  stop: { name: 'Stop', verbs: ['stop'] },
  mute: { name: 'Mute or unmute', verbs: ['mute', 'unmute'] },
  pushToTalk: { name: 'Push to talk (hold it)', verbs: ['unmute', 'mute'] },
  nextLanguage: { name: 'Next language', verbs: ['language'] },
} as const satisfies Record<HotkeyAction, { name: string; verbs: readonly string[] }>

/** Keys that work in every program. */
export function HotkeysSection() {
  const command = useAppInfo()?.ctlCommand ?? 'saywire ctl'
  return (
    <>
      <Group
        title="In every program"
        lead="Press a field, then the keys. Where your desktop cannot deliver a key, a keyboard tool or stream deck can run the command that is shown. With a key to push to talk you are muted unless you hold it."
      >
        <ul className="hotkeys">
          {HOTKEY_ACTIONS.map((action) => (
            <li key={action}>
              <HotkeyField
                action={action}
                name={ACTIONS[action].name}
                commands={ACTIONS[action].verbs.map((verb) => `${command} ${verb}`)}
              />
            </li>
          ))}
        </ul>
      </Group>
      <Group
        title="Languages to switch between"
        lead="The hotkey for the next language goes through these, and begins anew after the last. Captions go on: what was said before stays as it is."
      >
        <QuickLanguages />
      </Group>
    </>
  )
}
