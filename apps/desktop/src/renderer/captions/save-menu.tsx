import { useRef } from 'react'
import { useClient } from '../api/hooks.ts'
import { useAction } from '../api/use-action.ts'
import { useShortcuts } from '../layout/shortcuts.ts'
import { Icon } from '../ui/icon.tsx'
import { Menu } from '../ui/menu.tsx'
import { FORMATS } from './formats.ts'

/** Saves what is shown, in a format that is chosen, where the system's dialog says. */
export function SaveMenu({ isDisabled }: { readonly isDisabled: boolean }) {
  const client = useClient()
  const save = useAction(async (format: (typeof FORMATS)[number]['value']) =>
    client.captions.save.mutate({ format }),
  )
  const button = useRef<HTMLButtonElement>(null)
  useShortcuts({
    save: () => {
      button.current?.focus()
      button.current?.click()
    },
  })
  return (
    <>
      <Menu
        button={button}
        label="Save the transcript as"
        items={FORMATS}
        isDisabled={isDisabled}
        onChoose={(format) => void save.run(format)}
      >
        <Icon name="save" />
        Save
        <Icon name="down" />
      </Menu>
      <span className="visually-hidden" role="alert">
        {save.problem}
      </span>
    </>
  )
}
