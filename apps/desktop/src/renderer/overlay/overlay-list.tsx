import { useState } from 'react'
import { useSetting } from '../api/use-setting.ts'
import { ActionButton } from '../ui/action-button.tsx'
import { useClient, useDesktopState } from '../api/hooks.ts'
import { CopyButton } from '../ui/copy-button.tsx'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { Icon } from '../ui/icon.tsx'
import { SettingSelect } from '../ui/setting-choice.tsx'

const OVERLAYS_MAX = 10

interface OverlayListProps {
  readonly at: number
  onChoose(name: string): void
}

/** Which overlay is looked at, a new one, and one less unless it is the only one. */
export function OverlayList({ at, onChoose }: OverlayListProps) {
  const client = useClient()
  const { url } = useDesktopState().overlay
  const overlays = useSetting('overlay', 'overlays')
  const [isRemoving, setRemoving] = useState(false)
  const chosen = overlays.value[at]
  if (!chosen) return null
  const shownStyle = chosen.style

  async function add(): Promise<void> {
    const names = new Set(overlays.value.map(({ name }) => name))
    const free = Array.from({ length: OVERLAYS_MAX }, (_, index) => `overlay-${index + 2}`)
    const name = free.find((candidate) => !names.has(candidate))
    if (!name) return
    await overlays.set([...overlays.value, { name, style: shownStyle }])
    onChoose(name)
  }

  async function remove(): Promise<void> {
    const rest = overlays.value.toSpliced(at, 1)
    onChoose(rest[0]?.name ?? '')
    await overlays.set(rest)
  }

  return (
    <>
      <div className="overlay-list">
        <SettingSelect
          label="Overlay"
          value={chosen.name}
          options={overlays.value.map(({ name }) => ({ value: name, name }))}
          problem={overlays.problem}
          onChoose={onChoose}
        />
        <div className="buttons">
          {url !== undefined && (
            <CopyButton
              key={chosen.name}
              label="Copy URL"
              className="button primary"
              onCopy={async () => client.overlay.copyUrl.mutate({ overlay: chosen.name })}
            />
          )}
          <ActionButton isDisabled={overlays.value.length >= OVERLAYS_MAX} onPress={add}>
            <Icon name="plus" />
            New
          </ActionButton>
          <ActionButton isDisabled={overlays.value.length === 1} onPress={() => setRemoving(true)}>
            <Icon name="trash" />
            Remove
          </ActionButton>
        </div>
      </div>
      {isRemoving && (
        <ConfirmDialog
          title={`Remove the overlay “${chosen.name}”?`}
          confirmLabel="Remove"
          onConfirm={() => void remove()}
          onClose={() => setRemoving(false)}
        >
          <p>Its look is lost, and OBS shows nothing at its address any more.</p>
        </ConfirmDialog>
      )}
    </>
  )
}
