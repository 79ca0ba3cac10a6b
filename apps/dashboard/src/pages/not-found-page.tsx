import { PageHeading } from '../layout/page-heading.tsx'
import { Link } from '../routing/link.tsx'

/** For addresses that are none of ours. */
export function NotFoundPage() {
  return (
    <div className="narrow">
      <PageHeading title="Page not found">There is no such page</PageHeading>
      <div className="panel">
        <p>The address may have been mistyped, or the page is gone.</p>
        <Link to="/" className="button primary">
          Go to the start
        </Link>
      </div>
    </div>
  )
}
