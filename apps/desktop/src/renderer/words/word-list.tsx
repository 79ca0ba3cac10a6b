import { useSetting } from '../api/use-setting.ts'
import { SettingText } from '../ui/setting-text.tsx'

interface WordListProps {
  readonly field: 'profaneWords' | 'allowedWords'
  readonly label: string
  readonly hint: string
}

/** Words, one on each line. */
export function WordList({ field, label, hint }: WordListProps) {
  const words = useSetting('words', field)
  return (
    <SettingText
      label={label}
      rows={5}
      value={words.value.join('\n')}
      problem={words.problem}
      hint={hint}
      onCommit={async (text) => {
        const lines = text.split('\n').map((line) => line.trim())
        await words.set(lines.filter((line) => line !== ''))
      }}
    />
  )
}
