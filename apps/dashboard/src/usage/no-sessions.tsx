import { Fragment } from 'react'
import { useSession } from '../session/use-session.ts'

/** For a new account: how to get the first session. */
export function NoSessions() {
  const { data: session } = useSession()
  const server = `--server ${location.origin}`
  const login = `login ${server} --email ${session?.user.email ?? ''}`
  return (
    <div className="empty">
      <p>
        <strong>No sessions yet.</strong>
      </p>
      <ol>
        <li>
          On the computer you stream from, log in to this server:{' '}
          <Command line={`npm run saywire -- ${login}`} />
        </li>
        <li>
          Start captions through it, and show them to OBS:{' '}
          <Command line={`npm run caption -- --mic --overlay --engine managed ${server}`} />
        </li>
        <li>Speak. The session shows up here as it runs.</li>
      </ol>
    </div>
  )
}

/** Something to type. It wraps between words only: `-` and `-email` are no options. */
function Command({ line }: { readonly line: string }) {
  return (
    <code>
      {line.split(' ').map((word, index) => (
        <Fragment key={word}>
          {index > 0 && ' '}
          <span className={word.startsWith('-') ? 'command-option' : undefined}>{word}</span>
        </Fragment>
      ))}
    </code>
  )
}
