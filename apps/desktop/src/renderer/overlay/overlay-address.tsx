import { useState } from 'react'
import { useClient, useDesktopState } from '../api/hooks.ts'
import { useAction } from '../api/use-action.ts'
import { ActionButton } from '../ui/action-button.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { Icon } from '../ui/icon.tsx'
import { OverlayPort } from './overlay-port.tsx'

interface OverlayAddressProps {
  readonly overlay: string
  /** The first overlay is at the address itself. */
  readonly isFirst: boolean
}

/** Where the overlay is: copied for OBS, opened in a browser, or put into OBS by Saywire. Where it is not: why, and another port. */
export function OverlayAddress({ overlay, isFirst }: OverlayAddressProps) {
  const client = useClient()
  const state = useDesktopState()
  const add = useAction(async () => client.obs.addBrowserSource.mutate({ overlay }))
  const { url, problem } = state.overlay
  const [answer, setAnswer] = useState<string>()
  if (url === undefined) {
    return (
      <div className="form">
        <p className="callout error" role="alert">
          <span>{problem ?? 'The overlay is not running.'}</span>
        </p>
        <OverlayPort />
      </div>
    )
  }
  const isConnected = state.obs.status === 'connected'
  return (
    <div className="overlay-address">
      <p className="overlay-url">
        <code>{isFirst ? url : new URL(`/o/${overlay}`, url).href}</code>
      </p>
      <div className="buttons">
        <CopyButton
          label="Copy URL"
          className="button primary"
          onCopy={async () => client.overlay.copyUrl.mutate({ overlay })}
        />
        <ActionButton onPress={async () => client.overlay.openPage.mutate({ overlay })}>
          <Icon name="open" />
          Open
        </ActionButton>
        {isConnected && (
          <ActionButton
            isPending={add.isPending}
            onPress={async () => setAnswer(await add.run(undefined))}
          >
            <Icon name="plus" />
            Add to OBS for me
          </ActionButton>
        )}
      </div>
      <p className="success" role="status">
        {answer}
      </p>
      <p className="problem" role="alert">
        {problem ?? add.problem}
      </p>
    </div>
  )
}
