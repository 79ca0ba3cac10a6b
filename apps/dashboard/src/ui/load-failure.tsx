import { toShownError } from '../api/api-error.ts'

interface LoadFailureProps {
  /** Such as `your sessions`. */
  readonly what: string
  readonly error: unknown
  readonly retry: () => unknown
}

/** In place of content that could not be had, with a way on. */
export function LoadFailure({ what, error, retry }: LoadFailureProps) {
  return (
    <div className="load-failure" role="alert">
      <p>
        <strong>We could not load {what}.</strong> {toShownError(error).message}
      </p>
      <button type="button" className="button" onClick={() => void retry()}>
        Try again
      </button>
    </div>
  )
}
