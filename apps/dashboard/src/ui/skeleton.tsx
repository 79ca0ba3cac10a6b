interface SkeletonProps {
  /** What is being loaded, for assistive technology. */
  readonly label: string
  readonly lines: number
}

/** The place of content that is on its way. */
export function Skeleton({ label, lines }: SkeletonProps) {
  return (
    <div className="skeleton" role="status" aria-label={label}>
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} className="skeleton-line" />
      ))}
    </div>
  )
}
