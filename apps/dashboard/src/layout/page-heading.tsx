import type { ReactNode } from 'react'
import { useEffect, useRef } from 'react'
import { cameByNavigation } from '../routing/location.ts'

interface PageHeadingProps {
  /** Name of the page in the browser's tab. */
  readonly title: string
  readonly className?: string
  readonly children: ReactNode
}

/** A page's one `h1`. It takes the focus after a navigation, as a page load would reset it. */
export function PageHeading({ title, className, children }: PageHeadingProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = title === 'Saywire' ? title : `${title} · Saywire`
  }, [title])
  useEffect(() => {
    if (cameByNavigation()) heading.current?.focus({ preventScroll: true })
  }, [])
  return (
    <h1 ref={heading} tabIndex={-1} className={className}>
      {children}
    </h1>
  )
}
