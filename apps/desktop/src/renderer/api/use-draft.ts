import { useEffect, useEffectEvent, useRef, useState } from 'react'

/** A slider that is dragged tells this often, ms. */
const COMMIT_AFTER_MS = 150

/**
 * A value that changes faster than it should be saved: shown at once, saved when it rests.
 * @param commit saves it; afterwards `saved` is it, or what there was where it was refused
 */
export function useDraft<Value>(
  saved: Value,
  commit: (value: Value) => Promise<void>,
): [value: Value, change: (value: Value) => void] {
  const [draft, setDraft] = useState<Value>()
  const waiting = useRef<{ readonly value: Value }>(undefined)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)

  async function save(): Promise<void> {
    const next = waiting.current
    waiting.current = undefined
    if (!next) return
    await commit(next.value)
    setDraft((current) => (current === next.value ? undefined : current))
  }

  const saveNow = useEffectEvent(() => void save())
  useEffect(
    () => () => {
      clearTimeout(timer.current)
      saveNow()
    },
    [],
  )

  function change(value: Value): void {
    setDraft(value)
    waiting.current = { value }
    clearTimeout(timer.current)
    timer.current = setTimeout(() => void save(), COMMIT_AFTER_MS)
  }
  return [draft ?? saved, change]
}
