import { CheckoutResult } from '../credits/checkout-result.tsx'
import { PageHeading } from '../layout/page-heading.tsx'
import { Link } from '../routing/link.tsx'

/** Where the payment page leads back to. The server is asked: the address proves nothing. */
export function CheckoutSuccessPage() {
  const sessionId = new URLSearchParams(location.search).get('session_id')
  return (
    <div className="narrow">
      <PageHeading title="Your purchase">Your purchase</PageHeading>
      <div className="panel">
        {sessionId ? (
          <CheckoutResult sessionId={sessionId} />
        ) : (
          <p>This address names no purchase. Your balance is on the dashboard.</p>
        )}
        <Link to="/dashboard" className="button">
          Go to the dashboard
        </Link>
      </div>
    </div>
  )
}
