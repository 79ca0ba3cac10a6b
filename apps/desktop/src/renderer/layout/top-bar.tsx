import { Wordmark } from '@saywire/brand/wordmark'
import { useDesktopState, useSettings } from '../api/hooks.ts'
import { formatAmount } from '../format/duration.ts'
import type { IconName } from '../ui/icon.tsx'
import { Icon } from '../ui/icon.tsx'
import type { ShortcutName } from './shortcuts.ts'
import { ariaKeys, shownKeys } from './shortcuts.ts'
import type { View } from './view.ts'
import { useGo } from './view.ts'

const TABS: readonly {
  readonly view: View
  readonly title: string
  readonly icon: IconName
  readonly shortcut: ShortcutName
}[] = [
  { view: { name: 'captions' }, title: 'Captions', icon: 'captions', shortcut: 'captions' },
  { view: { name: 'history' }, title: 'History', icon: 'history', shortcut: 'history' },
  {
    view: { name: 'settings', section: 'transcription' },
    title: 'Settings',
    icon: 'settings',
    shortcut: 'settings',
  },
]

/** Where one is, where one can go, and what is left of the credit. */
export function TopBar({ current }: { readonly current: View['name'] }) {
  const go = useGo()
  return (
    <header className="top-bar">
      <Wordmark />
      <nav className="tabs" aria-label="Views">
        {TABS.map(({ view, title, icon, shortcut }) => (
          <button
            key={title}
            type="button"
            className="tab"
            aria-current={view.name === current ? 'page' : undefined}
            aria-keyshortcuts={ariaKeys(shortcut)}
            title={`${title} (${shownKeys(shortcut)})`}
            onClick={() => go(view)}
          >
            <Icon name={icon} />
            <span className="tab-name" data-name={title}>
              {title}
            </span>
          </button>
        ))}
      </nav>
      <div className="top-bar-end">
        <Balance />
      </div>
    </header>
  )
}

function Balance() {
  const { account } = useDesktopState()
  const { transcription } = useSettings()
  if (transcription.mode !== 'managed' || account.balanceMs === undefined) return null
  return (
    <p className="balance-chip">
      <Icon name="wallet" />
      <span>
        <strong>{formatAmount(account.balanceMs)}</strong>
        <span className="long"> of credit left</span>
      </span>
    </p>
  )
}
