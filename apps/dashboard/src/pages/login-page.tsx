import { useState } from 'react'
import { PageHeading } from '../layout/page-heading.tsx'
import { Link } from '../routing/link.tsx'
import { nextPage } from '../routing/next-page.ts'
import { Redirect } from '../routing/redirect.tsx'
import { LoginForm } from '../session/login-form.tsx'
import { useSession } from '../session/use-session.ts'

/** The login, and the way back to where it was missing. */
export function LoginPage() {
  const { data: session } = useSession()
  const [{ search, hasEnded }] = useState(() => {
    const { search } = location
    return { search, hasEnded: new URLSearchParams(search).has('ended') }
  })
  if (session) return <Redirect to={nextPage(search, location.origin)} />
  return (
    <div className="narrow">
      <PageHeading title="Log in">Log in</PageHeading>
      {hasEnded && (
        <p className="notice" role="status">
          Your login has ended. Log in again, and you are back where you were.
        </p>
      )}
      <div className="panel">
        <LoginForm />
      </div>
      <p className="form-aside">
        New here? <Link to={`/register${search}`}>Create an account</Link>
      </p>
    </div>
  )
}
