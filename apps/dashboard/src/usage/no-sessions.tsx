import { useSession } from '../session/use-session.ts'

/** For a new account: how to get the first session. */
export function NoSessions() {
  const { data: session } = useSession()
  const login = `login --server ${location.origin} --email ${session?.user.email ?? ''}`
  return (
    <div className="empty">
      <p>
        <strong>No sessions yet.</strong>
      </p>
      <ol>
        <li>
          On the computer you stream from, log in to this server:{' '}
          <code>npm run saywire -- {login}</code>
        </li>
        <li>
          Start captions through it: <code>npm run caption -- --engine managed</code>
        </li>
        <li>Speak. The session shows up here as it runs.</li>
      </ol>
    </div>
  )
}
