import { AccountPanel } from '../account/account-panel.tsx'
import { useSetting } from '../api/use-setting.ts'
import { KeyPanel } from '../engine/key-panel.tsx'
import { LanguageSetting } from '../engine/language-setting.tsx'
import { MODES } from '../engine/modes.ts'
import { TranslateSetting } from '../engine/translate-setting.tsx'
import { ModelPanel } from '../engine/model-panel.tsx'
import { SettingRadios } from '../ui/setting-choice.tsx'
import { Group } from './group.tsx'
import { SilenceSetting } from './silence-setting.tsx'

const OPTIONS = MODES.map(({ mode, name, cost, audio }) => ({
  value: mode,
  name,
  detail: `${cost}. ${audio}.`,
}))

/** Who turns speech into captions, and what that engine needs. */
export function TranscriptionSection() {
  const mode = useSetting('transcription', 'mode')
  return (
    <>
      <Group title="Engine">
        <SettingRadios
          label="Transcription mode"
          value={mode.value}
          options={OPTIONS}
          problem={mode.problem}
          onChoose={mode.set}
        />
        <LanguageSetting />
        <TranslateSetting />
      </Group>
      {mode.value === 'local' && (
        <Group title="Local model">
          <ModelPanel />
        </Group>
      )}
      {mode.value === 'managed' && (
        <Group title="Managed server">
          <AccountPanel />
        </Group>
      )}
      {mode.value === 'byok' && (
        <Group title="Deepgram">
          <KeyPanel />
        </Group>
      )}
      <Group title="Silence">
        <SilenceSetting />
      </Group>
    </>
  )
}
