import { ChangePassword } from '../account/change-password.tsx'
import { Devices } from '../account/devices.tsx'
import { PageHeading } from '../layout/page-heading.tsx'
import { useSession } from '../session/use-session.ts'

/** Password, and where the account is logged in. */
export function AccountPage() {
  const { data: session } = useSession()
  return (
    <>
      <PageHeading title="Account">Account</PageHeading>
      <p className="lead">{session?.user.email}</p>
      <div className="account">
        <Devices />
        <ChangePassword />
      </div>
    </>
  )
}
