import { Wordmark } from '@saywire/brand/wordmark'
import { Link } from '../routing/link.tsx'
import { usePath } from '../routing/location.ts'
import { useSession } from '../session/use-session.ts'
import { LogOut } from './log-out.tsx'

const PAGES = [
  { to: '/dashboard', label: 'Dashboard' },
  { to: '/account', label: 'Account' },
]

/** The brand, and for a logged-in user the ways to everything. */
export function SiteHeader() {
  const path = usePath()
  const { data: session } = useSession()
  return (
    <header className="site-header">
      <Link to="/" className="home">
        <Wordmark />
      </Link>
      {session && (
        <nav aria-label="Pages">
          <ul>
            {PAGES.map(({ to, label }) => (
              <li key={to}>
                <Link to={to} aria-current={path === to ? 'page' : undefined}>
                  {label}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
      )}
      {session && <LogOut email={session.user.email} />}
    </header>
  )
}
