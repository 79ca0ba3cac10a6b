import { Wordmark } from '@saywire/brand/wordmark'
import { useClient } from '../api/hooks.ts'
import { useAppInfo } from '../api/use-app-info.ts'
import { SecretStatement } from '../engine/secret-statement.tsx'
import { SHORTCUTS, shownKeys } from '../layout/shortcuts.ts'
import type { ShortcutName } from '../layout/shortcuts.ts'
import { ActionButton } from '../ui/action-button.tsx'
import { Icon } from '../ui/icon.tsx'
import { Group } from './group.tsx'
import { RecordingsGroup } from './recordings-group.tsx'

const NAMES = {
  toggle: 'Start or stop',
  mute: 'Mute or unmute',
  save: 'Save the transcript',
  search: 'Search the transcript',
  captions: 'Captions',
  history: 'History',
  settings: 'Settings',
} as const satisfies Record<ShortcutName, string>

/** Where to look when something is wrong, and what this program is. */
export function AboutSection() {
  const client = useClient()
  const info = useAppInfo()
  return (
    <>
      <Group title="Keys in this window">
        <dl className="facts">
          {(Object.keys(SHORTCUTS) as ShortcutName[]).map((name) => (
            <div key={name}>
              <dt>{NAMES[name]}</dt>
              <dd>
                <kbd>{shownKeys(name)}</kbd>
              </dd>
            </div>
          ))}
        </dl>
      </Group>
      <Group
        title="When something is wrong"
        lead="The log says what happened. It holds no captions, no keys and no logins."
      >
        <div className="buttons">
          <ActionButton onPress={async () => client.app.openLogs.mutate()}>
            <Icon name="folder" />
            Open the log folder
          </ActionButton>
        </div>
      </Group>
      <RecordingsGroup />
      <Group title="Secrets">
        <SecretStatement />
      </Group>
      <Group title="About">
        <Wordmark />
        <dl className="facts">
          <div>
            <dt>Version</dt>
            <dd className="number">{info?.version ?? '…'}</dd>
          </div>
          <div>
            <dt>Runs on</dt>
            <dd>
              {info ? `${info.platform}${info.electron ? `, Electron ${info.electron}` : ''}` : '…'}
            </dd>
          </div>
          <div>
            <dt>Settings and files</dt>
            <dd>
              <code>{info?.dataDir ?? '…'}</code>
            </dd>
          </div>
        </dl>
      </Group>
    </>
  )
}
