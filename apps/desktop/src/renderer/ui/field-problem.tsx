interface FieldProblemProps {
  readonly id?: string
  readonly problem: string | undefined
}

/** What is wrong with what was entered; there while nothing is, so that its coming is told. */
export function FieldProblem({ id, problem }: FieldProblemProps) {
  return (
    <p id={id} className="problem" aria-live="polite">
      {problem}
    </p>
  )
}
