import { useCallback, useEffect, useRef, useState } from 'react'
import type { HistoryEntryView } from '../../api/desktop-services.ts'
import { useClient } from '../api/hooks.ts'
import { sentenceOf } from '../api/shown-error.ts'

interface History {
  /** Newest first; undefined until the first page came. */
  readonly entries: readonly HistoryEntryView[] | undefined
  readonly problem: string | undefined
  readonly hasMore: boolean
  loadMore(): Promise<void>
  reload(): Promise<void>
}

/** The sessions that match a search, page by page. */
export function useHistory(search: string): History {
  const client = useClient()
  const [entries, setEntries] = useState<readonly HistoryEntryView[]>()
  const [cursor, setCursor] = useState<string | null>(null)
  const [problem, setProblem] = useState<string>()
  const lastRequest = useRef(0)

  const reload = useCallback(async (): Promise<void> => {
    const request = ++lastRequest.current
    // Somebody typed on: a newer answer is coming.
    const isOld = (): boolean => request !== lastRequest.current
    return client.history.list.query({ search }).then(
      (page) => {
        if (isOld()) return
        setEntries(page.entries)
        setCursor(page.cursor)
        setProblem(undefined)
      },
      (error: unknown) => {
        if (!isOld()) setProblem(sentenceOf(error))
      },
    )
  }, [client, search])

  useEffect(() => void reload(), [reload])

  async function loadMore(): Promise<void> {
    if (cursor === null) return
    try {
      const page = await client.history.list.query({ search, cursor })
      setEntries((shown = []) => [...shown, ...page.entries])
      setCursor(page.cursor)
    } catch (error) {
      setProblem(sentenceOf(error))
    }
  }
  return { entries, problem, hasMore: cursor !== null, loadMore, reload }
}
