import { useClient, useDesktopState } from '../api/hooks.ts'
import { Icon } from '../ui/icon.tsx'

const SHOWN_MAX = 3
const KINDS = { info: 'Note', warning: 'Warning', error: 'Error' } as const

/**
 * The newest of what the user should know, but for what the window says in its own place. They come without taking the focus and stay
 * until closed.
 */
export function Notices() {
  const client = useClient()
  const { notices, session, model } = useDesktopState()
  const saidInPlace = new Set([session.sentence, model.sentence])
  return (
    <section aria-label="Notices" className="notices" aria-live="polite">
      {notices
        .filter(({ sentence }) => !saidInPlace.has(sentence))
        .slice(-SHOWN_MAX)
        .map(({ id, level, sentence }) => (
          <div key={id} className={`notice ${level}`}>
            <Icon name={level} />
            <p>
              <span className="visually-hidden">{KINDS[level]}: </span>
              {sentence}
            </p>
            <button
              type="button"
              className="button bare"
              aria-label={`Close: ${sentence}`}
              onClick={() => void client.app.dismissNotice.mutate({ id })}
            >
              <Icon name="close" />
            </button>
          </div>
        ))}
    </section>
  )
}
