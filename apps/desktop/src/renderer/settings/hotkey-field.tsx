import type { KeyboardEvent } from 'react'
import { useId, useState } from 'react'
import type { HotkeyAction } from '../../settings/settings.ts'
import { useDesktopState } from '../api/hooks.ts'
import { useSetting } from '../api/use-setting.ts'
import { ActionButton } from '../ui/action-button.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { copyText } from '../ui/copy-text.ts'
import { Icon } from '../ui/icon.tsx'
import { acceleratorOf } from './accelerator.ts'

interface HotkeyFieldProps {
  readonly action: HotkeyAction
  readonly name: string
  /** Do the same from a command line. */
  readonly commands: readonly string[]
}

const STATUS = {
  none: undefined,
  active: ['good', 'works'],
  taken: ['warn', 'taken'],
  unsupported: ['warn', 'not possible on this desktop'],
} as const

/** Records a key: press it, then the keys. Escape leaves it as it was, Tab goes on as ever. */
export function HotkeyField({ action, name, commands }: HotkeyFieldProps) {
  const id = useId()
  const keys = useSetting('hotkeys', action)
  const view = useDesktopState().hotkeys[action]
  const [isRecording, setRecording] = useState(false)
  const status = STATUS[view.status]

  function record(event: KeyboardEvent): void {
    if (!isRecording || event.key === 'Tab') return
    event.preventDefault()
    event.stopPropagation()
    if (event.key === 'Escape') setRecording(false)
    const accelerator = acceleratorOf(event)
    if (accelerator === undefined) return
    setRecording(false)
    void keys.set(accelerator)
  }

  return (
    <div className="hotkey">
      <span className="hotkey-name" id={id}>
        {name}
      </span>
      <button
        type="button"
        className="input hotkey-keys"
        aria-labelledby={`${id} ${id}-keys`}
        aria-pressed={isRecording}
        onClick={() => setRecording(true)}
        onBlur={() => setRecording(false)}
        onKeyDown={record}
      >
        <span id={`${id}-keys`}>
          {isRecording ? 'Press the keys …' : keys.value.replaceAll('+', ' + ') || 'None'}
        </span>
      </button>
      <ActionButton
        className="button bare"
        label={`Remove the hotkey for ${name}`}
        isDisabled={keys.value === ''}
        onPress={async () => keys.set('')}
      >
        <Icon name="close" />
      </ActionButton>
      <p className="hotkey-status" role="status">
        {status && <span className={`chip ${status[0]}`}>{status[1]}</span>}
        {view.sentence && <span className="quiet-text">{view.sentence}</span>}
      </p>
      {(view.status === 'unsupported' || view.status === 'taken') && (
        <ul className="hotkey-commands" aria-label="Commands instead">
          {commands.map((command) => (
            <li key={command}>
              <code>{command}</code>
              <CopyButton
                label="Copy"
                className="button quiet"
                onCopy={async () => copyText(command)}
              />
            </li>
          ))}
        </ul>
      )}
      <p className="problem" role="alert">
        {keys.problem}
      </p>
    </div>
  )
}
