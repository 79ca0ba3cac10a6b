import { useDeferredValue, useState } from 'react'
import { useClient } from '../api/hooks.ts'
import { ActionButton } from '../ui/action-button.tsx'
import { Icon } from '../ui/icon.tsx'
import { HistoryRow } from './history-row.tsx'
import { useHistory } from './use-history.ts'

const countOf = (sessions: number): string =>
  sessions === 1 ? '1 session' : `${sessions} sessions`

/** Caption files of earlier sessions. */
export function HistoryScreen() {
  const client = useClient()
  const [search, setSearch] = useState('')
  const history = useHistory(useDeferredValue(search.trim()))
  const isEmpty = history.entries?.length === 0
  return (
    <div className="page history">
      <div className="page-head">
        <h1>History</h1>
        <ActionButton
          className="button quiet"
          onPress={async () => client.files.openFolder.mutate()}
        >
          <Icon name="folder" />
          Open the folder
        </ActionButton>
      </div>
      <input
        type="search"
        className="input"
        aria-label="Search titles and captions"
        placeholder="Search titles and captions"
        value={search}
        onChange={({ target }) => setSearch(target.value)}
      />
      <p className="problem" role="alert">
        {history.problem}
      </p>
      <p className="visually-hidden" role="status">
        {history.entries && countOf(history.entries.length)}
      </p>
      <ul className="history-list">
        {history.entries?.map((entry) => (
          <HistoryRow key={entry.id} entry={entry} onChanged={history.reload} />
        ))}
      </ul>
      {isEmpty && (
        <div className="transcript-empty">
          <Icon name={search ? 'search' : 'history'} />
          <strong>{search ? 'Nothing found' : 'No sessions yet'}</strong>
          <p>
            {search
              ? 'No title and no caption has these words.'
              : 'Each session is kept here with its captions, once you start one.'}
          </p>
        </div>
      )}
      {history.hasMore && (
        <ActionButton className="button" onPress={history.loadMore}>
          Show more
        </ActionButton>
      )}
    </div>
  )
}
