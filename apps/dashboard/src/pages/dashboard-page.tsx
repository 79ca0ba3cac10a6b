import { BalanceScreen } from '../credits/balance-screen.tsx'
import { BuyCredit } from '../credits/buy-credit.tsx'
import { PageHeading } from '../layout/page-heading.tsx'
import { LiveProvider } from '../live/live-provider.tsx'
import { SessionsPanel } from '../usage/sessions-panel.tsx'
import { UsagePanel } from '../usage/usage-panel.tsx'

/** Balance, credit to buy, and what was used. */
export function DashboardPage() {
  return (
    <LiveProvider>
      <PageHeading title="Dashboard">Dashboard</PageHeading>
      <div className="dashboard">
        <BalanceScreen />
        <BuyCredit />
        <UsagePanel />
        <SessionsPanel />
      </div>
    </LiveProvider>
  )
}
