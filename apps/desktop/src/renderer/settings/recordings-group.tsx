import { useCallback, useEffect, useState } from 'react'
import type { RecordingEntryView } from '../../api/desktop-services.ts'
import { useClient, useDesktopState } from '../api/hooks.ts'
import { useAction } from '../api/use-action.ts'
import { useSetting } from '../api/use-setting.ts'
import { formatBytes } from '../format/bytes.ts'
import { formatMoment } from '../format/date.ts'
import { ActionButton } from '../ui/action-button.tsx'
import { Icon } from '../ui/icon.tsx'
import { SettingSwitch } from '../ui/setting-switch.tsx'
import { Group } from './group.tsx'

/** Whether sessions are recorded for fault reports, and the recordings that there are. */
export function RecordingsGroup() {
  const enabled = useSetting('recording', 'enabled')
  const withAudio = useSetting('recording', 'withAudio')
  const { recording } = useDesktopState()
  return (
    <Group
      title="Recordings for fault reports"
      lead="When captions go wrong, a recording of the session shows us why: attach its file to your report. It holds the captions and their times, what the engines answered, and a few settings. It holds no keys, logins, addresses, file names or names of microphones. It stays on this computer until you send it yourself."
    >
      <SettingSwitch
        label="Record each session"
        hint="On: from the next session on. Off: at once. The newest 20 are kept, about 3 GB at most."
        value={enabled.value}
        problem={enabled.problem}
        onChange={enabled.set}
      />
      {enabled.value && (
        <SettingSwitch
          label="Record the sound of the microphone too"
          hint="Whoever gets the file can hear you, though nothing from while you are muted. Without it we cannot tell what an engine misheard; everything else we can."
          value={withAudio.value}
          problem={withAudio.problem}
          onChange={withAudio.set}
        />
      )}
      {/* One that has begun or ended is listed otherwise. */}
      <RecordingList key={recording?.id} />
    </Group>
  )
}

function RecordingList() {
  const client = useClient()
  const [recordings, setRecordings] = useState<readonly RecordingEntryView[]>([])
  const act = useAction(async (action: () => Promise<unknown>) => action())
  const reload = useCallback(
    async (): Promise<void> => client.recordings.list.query().then(setRecordings, () => undefined),
    [client],
  )
  useEffect(() => void reload(), [reload])

  async function change(action: () => Promise<unknown>): Promise<void> {
    await act.run(action)
    await reload()
  }

  return (
    <>
      <ul className="recordings" aria-label="Recordings">
        {recordings.map(({ id, startedAtMs, bytes, isLive }) => {
          const moment = formatMoment(startedAtMs)
          return (
            <li key={id} className="recording">
              <span>
                {moment}
                <small className="quiet-text number">
                  {isLive ? 'Being recorded' : formatBytes(bytes)}
                </small>
              </span>
              <span className="history-actions">
                <ActionButton
                  className="button bare"
                  label={`Show the recording of ${moment} in its folder`}
                  onPress={async () => act.run(async () => client.recordings.show.mutate({ id }))}
                >
                  <Icon name="folder" />
                </ActionButton>
                <ActionButton
                  className="button bare"
                  label={`Delete the recording of ${moment}`}
                  isDisabled={isLive}
                  onPress={async () => change(async () => client.recordings.remove.mutate({ id }))}
                >
                  <Icon name="trash" />
                </ActionButton>
                <ActionButton
                  label={`Save a copy of the recording of ${moment}`}
                  onPress={async () =>
                    act.run(async () => client.recordings.saveCopy.mutate({ id }))
                  }
                >
                  <Icon name="save" />
                  Save a copy …
                </ActionButton>
              </span>
            </li>
          )
        })}
      </ul>
      <p className="problem" role="alert">
        {act.problem}
      </p>
    </>
  )
}
