import type { RefObject } from 'react'
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useDesktop } from '../api/hooks.ts'

interface ScrollLock {
  readonly scroller: RefObject<HTMLDivElement | null>
  /** What stands at the end of the scroller. */
  readonly end: RefObject<HTMLDivElement | null>
  /** Whether the newest words are in sight and followed. */
  readonly isLive: boolean
  jumpToLive(): void
}

/** How near to the end still counts as the end. */
const SLACK = '48px'

/** Follows the end of a scroller as it grows, and lets go once the user scrolls up. */
export function useScrollLock(): ScrollLock {
  const { captions } = useDesktop()
  const scroller = useRef<HTMLDivElement>(null)
  const end = useRef<HTMLDivElement>(null)
  const [isLive, setLive] = useState(true)
  const isLiveNow = useRef(true)

  const follow = useCallback(() => {
    const element = scroller.current
    if (element && isLiveNow.current) element.scrollTop = element.scrollHeight
  }, [])

  useEffect(() => {
    const element = scroller.current
    if (!element || !end.current) return
    // Only the user's own scrolling lets go: text that grows must not.
    let isUsers = false
    const note = (): void => void (isUsers = true)
    const sources = ['wheel', 'touchmove', 'keydown', 'pointerdown'] as const
    for (const source of sources) element.addEventListener(source, note, { passive: true })
    const observer = new IntersectionObserver(
      ([entry]) => {
        const isAtEnd = entry?.isIntersecting ?? true
        if (!isAtEnd && !isUsers) return follow()
        isUsers = false
        isLiveNow.current = isAtEnd
        setLive(isAtEnd)
      },
      { root: element, rootMargin: `0px 0px ${SLACK}` },
    )
    observer.observe(end.current)
    const resized = new ResizeObserver(follow)
    resized.observe(element)
    return () => {
      observer.disconnect()
      resized.disconnect()
      for (const source of sources) element.removeEventListener(source, note)
    }
  }, [follow])

  useLayoutEffect(follow, [follow])
  useEffect(() => captions.subscribe(() => requestAnimationFrame(follow)), [captions, follow])

  const jumpToLive = useCallback(() => {
    isLiveNow.current = true
    setLive(true)
    follow()
    scroller.current?.focus()
  }, [follow])
  return { scroller, end, isLive, jumpToLive }
}
