import { useClient, useDesktopState } from '../api/hooks.ts'
import { useSetting } from '../api/use-setting.ts'
import { ActionButton } from '../ui/action-button.tsx'
import { SettingSegments } from '../ui/setting-choice.tsx'
import { SettingSwitch } from '../ui/setting-switch.tsx'
import { Group } from './group.tsx'
import { ImportSettings } from './import-settings.tsx'

const THEMES = [
  { value: 'system', name: 'System' },
  { value: 'light', name: 'Light' },
  { value: 'dark', name: 'Dark' },
] as const

const UPDATES = {
  off: 'This build does not update itself.',
  none: 'This is the newest version.',
  checking: 'Looking for a newer version …',
  downloading: 'Fetching a newer version …',
  ready: 'A newer version is ready.',
  failed: 'Looking for a newer version failed. It is tried again later.',
} as const

/** How the program itself looks and behaves. */
export function AppSection() {
  const client = useClient()
  const { session, update } = useDesktopState()
  const theme = useSetting('app', 'theme')
  const closeToTray = useSetting('app', 'closeToTray')
  const autoUpdate = useSetting('app', 'autoUpdate')
  return (
    <>
      <Group title="Appearance">
        <SettingSegments
          label="Theme"
          value={theme.value}
          options={THEMES}
          problem={theme.problem}
          onChoose={theme.set}
        />
      </Group>
      <Group title="Window">
        <SettingSwitch
          label="Keep captioning in the tray when the window is closed"
          hint="While no captions run, closing the window always quits."
          value={closeToTray.value}
          problem={closeToTray.problem}
          onChange={closeToTray.set}
        />
      </Group>
      <Group title="Updates">
        {update.status !== 'off' && (
          <SettingSwitch
            label="Fetch updates by itself"
            hint="They are installed when you quit, never while you stream."
            value={autoUpdate.value}
            problem={autoUpdate.problem}
            onChange={autoUpdate.set}
          />
        )}
        <p className="quiet-text" role="status">
          {UPDATES[update.status]} {update.version}
        </p>
        {update.status === 'ready' && !session.isRunning && (
          <ActionButton onPress={async () => client.app.installUpdate.mutate()}>
            Restart and install
          </ActionButton>
        )}
      </Group>
      <ImportSettings />
    </>
  )
}
