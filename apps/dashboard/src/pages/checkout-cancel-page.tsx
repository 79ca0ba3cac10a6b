import { PageHeading } from '../layout/page-heading.tsx'
import { Link } from '../routing/link.tsx'

/** Where the payment page leads to when the user turns back. */
export function CheckoutCancelPage() {
  return (
    <div className="narrow">
      <PageHeading title="Nothing was bought">Nothing was bought</PageHeading>
      <div className="panel">
        <p>You left the payment page before paying. Nothing was charged.</p>
        <Link to="/dashboard" className="button primary">
          Back to the dashboard
        </Link>
      </div>
    </div>
  )
}
