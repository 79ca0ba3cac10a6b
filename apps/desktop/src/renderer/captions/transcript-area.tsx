import { useDeferredValue, useRef, useState } from 'react'
import { useClient, useFinals } from '../api/hooks.ts'
import { useAction } from '../api/use-action.ts'
import { shownKeys, useShortcuts } from '../layout/shortcuts.ts'
import { ActionButton } from '../ui/action-button.tsx'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { Icon } from '../ui/icon.tsx'
import { SaveMenu } from './save-menu.tsx'
import { Transcript } from './transcript.tsx'

/** The words so far, and what can be done with them. */
export function TranscriptArea() {
  const client = useClient()
  const finals = useFinals()
  const [search, setSearch] = useState('')
  const [isAsking, setAsking] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const clear = useAction(async () => client.captions.clear.mutate())
  const isEmpty = finals.length === 0
  useShortcuts({ search: () => field.current?.focus() })
  return (
    <section className="transcript-area" aria-labelledby="transcript-heading">
      <div className="transcript-bar">
        <h2 id="transcript-heading">Transcript</h2>
        <input
          ref={field}
          type="search"
          className="input transcript-search"
          aria-label="Search the transcript"
          placeholder={`Search (${shownKeys('search')})`}
          value={search}
          onChange={({ target }) => setSearch(target.value)}
        />
        <ActionButton
          className="button quiet"
          isDisabled={isEmpty}
          isPending={clear.isPending}
          onPress={() => setAsking(true)}
        >
          <Icon name="trash" />
          Clear
        </ActionButton>
        <SaveMenu isDisabled={isEmpty} />
      </div>
      <Transcript search={useDeferredValue(search.trim())} />
      {isAsking && (
        <ConfirmDialog
          title="Clear the transcript?"
          confirmLabel="Clear"
          onConfirm={() => void clear.run(undefined)}
          onClose={() => setAsking(false)}
        >
          <p>
            It goes from this window and the overlay. Caption files and the history keep every word.
          </p>
        </ConfirmDialog>
      )}
    </section>
  )
}
