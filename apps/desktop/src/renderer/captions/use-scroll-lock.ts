import type { RefObject } from 'react'
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'

interface ScrollLock {
  readonly scroller: RefObject<HTMLDivElement | null>
  /** What grows in the scroller. */
  readonly content: RefObject<HTMLDivElement | null>
  /** Whether the newest words are in sight and followed. */
  readonly isLive: boolean
  jumpToLive(): void
}

/** How near to the end still counts as the end. */
const SLACK_PX = 48

/** Follows the end of a scroller as it grows, and lets go once the user scrolls up. */
export function useScrollLock(): ScrollLock {
  const scroller = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const [isLive, setLive] = useState(true)
  const isLiveNow = useRef(true)

  const follow = useCallback(() => {
    const element = scroller.current
    if (element && isLiveNow.current) element.scrollTop = element.scrollHeight
  }, [])

  useLayoutEffect(follow, [follow])

  useEffect(() => {
    const element = scroller.current
    if (!element || !content.current) return
    let last = { top: element.scrollTop, height: element.scrollHeight }
    const judge = (): void => {
      const { scrollTop: top, scrollHeight: height, clientHeight } = element
      // Only the user goes up while nothing becomes shorter, by whatever means.
      if (height - clientHeight - top <= SLACK_PX) isLiveNow.current = true
      else if (top < last.top && height >= last.height) isLiveNow.current = false
      last = { top, height }
      setLive(isLiveNow.current)
    }
    element.addEventListener('scroll', judge, { passive: true })
    // Not only new words: groups that come in sight take their true heights only then.
    const resized = new ResizeObserver(() => {
      follow()
      judge()
    })
    resized.observe(element)
    resized.observe(content.current)
    return () => {
      resized.disconnect()
      element.removeEventListener('scroll', judge)
    }
  }, [follow])

  const jumpToLive = useCallback(() => {
    isLiveNow.current = true
    setLive(true)
    follow()
    scroller.current?.focus()
  }, [follow])
  return { scroller, content, isLive, jumpToLive }
}
