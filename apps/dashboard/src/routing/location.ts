import { useSyncExternalStore } from 'react'

const listeners = new Set<() => void>()
let hasNavigated = false

function notify(): void {
  hasNavigated = true
  listeners.forEach((listener) => listener())
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) window.addEventListener('popstate', notify)
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) window.removeEventListener('popstate', notify)
  }
}

/** Goes to a page of ours without loading it anew. */
export function navigate(to: string, how: 'push' | 'replace' = 'push'): void {
  if (how === 'replace') history.replaceState(null, '', to)
  else history.pushState(null, '', to)
  window.scrollTo(0, 0)
  notify()
}

/** Path of the address, kept current. */
export const usePath = (): string => useSyncExternalStore(subscribe, () => location.pathname)

/** Whether the user came here from another of our pages: then the focus has to be moved. */
export const cameByNavigation = (): boolean => hasNavigated
