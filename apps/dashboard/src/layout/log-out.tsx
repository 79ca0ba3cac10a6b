import { useMutation } from '@tanstack/react-query'
import { toShownError } from '../api/api-error.ts'
import { useTRPC } from '../api/trpc.ts'

/** Ends the login of this browser, then loads the front page: nothing of the user stays in memory. */
export function LogOut({ email }: { readonly email: string }) {
  const trpc = useTRPC()
  const logout = useMutation(
    trpc.web.logout.mutationOptions({ onSuccess: () => location.assign('/') }),
  )
  return (
    <div className="who">
      <span className="who-email" title={email}>
        {email}
      </span>
      <button type="button" className="button quiet" onClick={() => logout.mutate()}>
        Log out
      </button>
      <p className="form-failure" role="alert">
        {logout.error ? `Not logged out. ${toShownError(logout.error).message}` : ''}
      </p>
    </div>
  )
}
