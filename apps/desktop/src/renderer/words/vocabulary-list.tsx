import { VOCABULARY_MAX } from '../../settings/settings.ts'
import { useSetting } from '../api/use-setting.ts'
import { SettingText } from '../ui/setting-text.tsx'

/** Names and terms that every engine listens for, one on each line. */
export function VocabularyList() {
  const vocabulary = useSetting('transcription', 'vocabulary')
  const { length } = vocabulary.value
  return (
    <SettingText
      label="Names and terms"
      rows={6}
      value={vocabulary.value.join('\n')}
      problem={vocabulary.problem}
      hint={`One on each line, the most important first: ${length} of ${VOCABULARY_MAX}.`}
      onCommit={async (text) => {
        const lines = text.split('\n').map((line) => line.trim())
        await vocabulary.set(lines.filter((line) => line !== ''))
      }}
    />
  )
}
