import { CUSTOM_CSS_CHARS_MAX } from '@saywire/overlay'
import { useState } from 'react'
import { Group } from '../settings/group.tsx'
import { SettingText } from '../ui/setting-text.tsx'
import type { StyleFieldsProps } from './overlay-editor.tsx'

/** CSS of the user's own, after everything else. */
export function CssField({ style, onChange }: StyleFieldsProps) {
  const [problem, setProblem] = useState<string>()

  function apply(customCss: string): void {
    const isTooLong = customCss.length > CUSTOM_CSS_CHARS_MAX
    setProblem(
      isTooLong ? `Shorten it to ${CUSTOM_CSS_CHARS_MAX.toLocaleString()} characters.` : undefined,
    )
    if (!isTooLong) onChange({ customCss })
  }

  return (
    <Group title="Custom CSS">
      <SettingText
        label="Added after everything else"
        rows={8}
        value={style.customCss}
        problem={problem}
        placeholder=":root { --caption-color: gold; }"
        hint="Applied when you leave the field. It cannot load anything from elsewhere."
        onCommit={apply}
      />
    </Group>
  )
}
