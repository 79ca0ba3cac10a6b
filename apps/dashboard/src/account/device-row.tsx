import type { Outputs } from '../api/trpc.ts'
import { formatDate, formatDateTime } from '../format/date.ts'

interface DeviceRowProps {
  readonly device: Outputs['account']['devices']['devices'][number]
  readonly isBusy: boolean
  readonly signOut: () => void
}

/** One login. This browser's own is ended by Log out. */
export function DeviceRow({ device, isBusy, signOut }: DeviceRowProps) {
  const { device_name, kind, created_at, last_seen_at, is_current } = device
  const name = device_name ?? (kind === 'web' ? 'A browser' : 'The Saywire app')
  return (
    <li className="device row" data-device={device.id}>
      <div>
        <h3>
          {name}
          {is_current && <span className="status active">This browser</span>}
        </h3>
        <p>
          {kind === 'web' ? 'Browser' : 'App'}, since {formatDate(created_at)}, last seen{' '}
          {formatDateTime(last_seen_at)}
        </p>
      </div>
      {!is_current && (
        <button
          type="button"
          className="button quiet"
          aria-label={`Sign out ${name}`}
          aria-disabled={isBusy}
          onClick={() => !isBusy && signOut()}
        >
          {isBusy ? 'Signing out …' : 'Sign out'}
        </button>
      )}
    </li>
  )
}
