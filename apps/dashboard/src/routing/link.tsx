import type { ComponentProps, MouseEvent } from 'react'
import { navigate } from './location.ts'

type LinkProps = Omit<ComponentProps<'a'>, 'href' | 'onClick'> & { readonly to: string }

/** A link between our pages; opening it in a new tab works as with any other. */
export function Link({ to, children, ...rest }: LinkProps) {
  function follow(event: MouseEvent): void {
    const wantsBrowser = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey
    if (wantsBrowser || event.button !== 0) return
    event.preventDefault()
    navigate(to)
  }
  return (
    <a href={to} onClick={follow} {...rest}>
      {children}
    </a>
  )
}
