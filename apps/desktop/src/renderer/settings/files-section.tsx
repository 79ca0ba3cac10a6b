import type { CaptionFormat } from '../../settings/settings.ts'
import { CAPTION_FORMATS } from '../../settings/settings.ts'
import { useClient } from '../api/hooks.ts'
import { useAction } from '../api/use-action.ts'
import { useSetting } from '../api/use-setting.ts'
import { FORMATS } from '../captions/formats.ts'
import { ActionButton } from '../ui/action-button.tsx'
import { Icon } from '../ui/icon.tsx'
import { SettingSwitch } from '../ui/setting-switch.tsx'
import { SettingText } from '../ui/setting-text.tsx'
import { Group } from './group.tsx'

/** Which files are written while captions run. */
export function FilesSection() {
  const enabled = useSetting('files', 'enabled')
  return (
    <>
      <Group title="Caption files">
        <SettingSwitch
          label="Write caption files"
          hint="Line by line while you speak, so that a crash loses no more than the last one. The history keeps every session besides. What is changed here while captions run is true of the next ones."
          value={enabled.value}
          problem={enabled.problem}
          onChange={enabled.set}
        />
        {enabled.value && <Folder />}
      </Group>
      {enabled.value && <Contents />}
    </>
  )
}

function Folder() {
  const client = useClient()
  const folder = useSetting('files', 'folder')
  const choose = useAction(async () => client.files.chooseFolder.mutate())
  return (
    <>
      <p className="folder">
        <span className="field-label">Folder</span>
        <code>{folder.value || 'Saywire, in your documents'}</code>
      </p>
      <div className="buttons">
        <ActionButton isPending={choose.isPending} onPress={async () => choose.run(undefined)}>
          Choose another …
        </ActionButton>
        <ActionButton onPress={async () => client.files.openFolder.mutate()}>
          <Icon name="folder" />
          Open
        </ActionButton>
      </div>
      <p className="problem" role="alert">
        {choose.problem}
      </p>
    </>
  )
}

function Contents() {
  const formats = useSetting('files', 'formats')
  const title = useSetting('files', 'title')
  const timestamps = useSetting('files', 'timestamps')
  const align = useSetting('files', 'alignToRecording')
  const chosen = new Set(formats.value)
  const toggle = (format: CaptionFormat): void =>
    void formats.set(CAPTION_FORMATS.filter((other) => (other === format) !== chosen.has(other)))
  return (
    <>
      <Group title="Formats">
        <fieldset className="field">
          <legend className="visually-hidden">Formats</legend>
          {FORMATS.map(({ value, name, detail }) => (
            <label key={value} className="choice">
              <input type="checkbox" checked={chosen.has(value)} onChange={() => toggle(value)} />
              <span>
                {name} <span className="quiet-text">{detail}</span>
              </span>
            </label>
          ))}
          <p className="problem" role="alert">
            {formats.problem}
          </p>
        </fieldset>
      </Group>
      <Group title="Names and times">
        <SettingText
          label="Title"
          value={title.value}
          problem={title.problem}
          isCode={false}
          placeholder="Friday speedrun"
          hint="Stands in the names of files, after the date, and in the history."
          onCommit={async (value) => title.set(value)}
        />
        <SettingSwitch
          label="Begin each line of plain text with its time"
          value={timestamps.value}
          problem={timestamps.problem}
          onChange={timestamps.set}
        />
        <SettingSwitch
          label="Align with recordings of OBS"
          hint="Each recording gets files of its own, with times from its start, ready for your video editor."
          value={align.value}
          problem={align.problem}
          onChange={align.set}
        />
      </Group>
    </>
  )
}
