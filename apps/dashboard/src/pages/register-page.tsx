import { PageHeading } from '../layout/page-heading.tsx'
import { Link } from '../routing/link.tsx'
import { nextPage } from '../routing/next-page.ts'
import { Redirect } from '../routing/redirect.tsx'
import { RegisterForm } from '../session/register-form.tsx'
import { useSession } from '../session/use-session.ts'

/** A new account. */
export function RegisterPage() {
  const { data: session } = useSession()
  if (session) return <Redirect to={nextPage(location.search, location.origin)} />
  return (
    <div className="narrow">
      <PageHeading title="Create an account">Create an account</PageHeading>
      <p>The same account works here and in the desktop app.</p>
      <div className="panel">
        <RegisterForm />
      </div>
      <p className="form-aside">
        Already registered? <Link to={`/login${location.search}`}>Log in</Link>
      </p>
    </div>
  )
}
