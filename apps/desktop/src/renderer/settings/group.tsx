import type { ReactNode } from 'react'
import { useId } from 'react'

interface GroupProps {
  readonly title: string
  readonly lead?: ReactNode
  readonly children: ReactNode
}

/** Settings that belong together. */
export function Group({ title, lead, children }: GroupProps) {
  const id = useId()
  return (
    <section className="group" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {lead && <p className="quiet-text">{lead}</p>}
      {children}
    </section>
  )
}
