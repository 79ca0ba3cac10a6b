import { useClient, useDesktopState } from '../api/hooks.ts'
import { useAction } from '../api/use-action.ts'
import { SecretStatement } from '../engine/secret-statement.tsx'
import { formatAmount } from '../format/duration.ts'
import { ActionButton } from '../ui/action-button.tsx'
import { BuyCredit } from './buy-credit.tsx'
import { EnterForm } from './enter-form.tsx'

/** The account on a managed server: entering it, or what it holds. */
export function AccountPanel() {
  const { status } = useDesktopState().account
  const isInside = status === 'logged_in' || status === 'unreachable'
  return (
    <div className="account-panel">
      {isInside ? <LoggedIn /> : <EnterForm />}
      <SecretStatement />
    </div>
  )
}

function LoggedIn() {
  const client = useClient()
  const { email, serverUrl, balanceMs, isLow, status, sentence } = useDesktopState().account
  const logout = useAction(async () => client.account.logout.mutate())
  return (
    <>
      <div className="account-card">
        <div>
          <p className="account-balance number">
            {balanceMs === undefined ? '–' : formatAmount(balanceMs)}
          </p>
          <p className="account-note">
            of credit left {isLow && <span className="chip warn">low</span>}
          </p>
        </div>
        <div className="account-who">
          <p>{email}</p>
          <p className="account-note">{serverUrl}</p>
          <ActionButton
            className="button quiet"
            isPending={logout.isPending}
            onPress={() => logout.run(undefined)}
          >
            Log out
          </ActionButton>
        </div>
      </div>
      <p className={status === 'unreachable' ? 'problem' : 'quiet-text'} role="status">
        {sentence}
      </p>
      <p className="problem" role="alert">
        {logout.problem}
      </p>
      <BuyCredit />
    </>
  )
}
