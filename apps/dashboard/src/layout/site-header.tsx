import { Link } from '../routing/link.tsx'
import { usePath } from '../routing/location.ts'
import { useSession } from '../session/use-session.ts'
import { LogOut } from './log-out.tsx'
import { Wordmark } from './wordmark.tsx'

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
      <Link to="/" className="brand">
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
