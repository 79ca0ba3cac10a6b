import type { ReactNode } from 'react'
import { loginPage } from '../routing/next-page.ts'
import { Redirect } from '../routing/redirect.tsx'
import { LoadFailure } from '../ui/load-failure.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { useSession } from './use-session.ts'

/** Shows its children to a logged-in user, and the way to the login page to anybody else. */
export function RequireLogin({ children }: { readonly children: ReactNode }) {
  const session = useSession()
  if (session.isPending) return <Skeleton label="Loading" lines={4} />
  if (session.isError) {
    return <LoadFailure what="your login" error={session.error} retry={session.refetch} />
  }
  if (session.data === null) {
    return <Redirect to={loginPage(location.pathname + location.search, 'required')} />
  }
  return children
}
