import type { KeyboardEvent } from 'react'
import type { SettingsSection } from '../layout/view.ts'
import { SETTINGS_SECTIONS, useGo } from '../layout/view.ts'
import type { IconName } from '../ui/icon.tsx'
import { Icon } from '../ui/icon.tsx'
import { SECTIONS } from './sections.tsx'

const ICONS = {
  transcription: 'cloud',
  microphone: 'microphone',
  overlay: 'captions',
  words: 'edit',
  files: 'folder',
  hotkeys: 'keyboard',
  obs: 'open',
  continuity: 'reconnect',
  limits: 'wallet',
  app: 'settings',
  about: 'info',
} as const satisfies Record<SettingsSection, IconName>

/** Sections on the left, one of them on the right. What is changed is applied at once. */
export function SettingsScreen({ section }: { readonly section: SettingsSection }) {
  const go = useGo()
  const { title, Body } = SECTIONS[section]

  /** Arrows move between the sections, of which Tab reaches the chosen one. */
  function move(event: KeyboardEvent<HTMLElement>): void {
    const at = SETTINGS_SECTIONS.indexOf(section)
    const last = SETTINGS_SECTIONS.length - 1
    const forth = Math.min(last, at + 1)
    const back = Math.max(0, at - 1)
    const to = {
      ArrowDown: forth,
      ArrowRight: forth,
      ArrowUp: back,
      ArrowLeft: back,
      Home: 0,
      End: last,
    }[event.key]
    const next = to === undefined ? undefined : SETTINGS_SECTIONS[to]
    if (!next) return
    event.preventDefault()
    go({ name: 'settings', section: next })
    event.currentTarget.querySelectorAll('button')[to ?? 0]?.focus()
  }

  return (
    <div className="settings">
      <div
        className="settings-nav"
        role="tablist"
        aria-label="Settings"
        aria-orientation="vertical"
        tabIndex={-1}
        onKeyDown={move}
      >
        {SETTINGS_SECTIONS.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-selected={name === section}
            aria-controls="settings-body"
            tabIndex={name === section ? 0 : -1}
            onClick={() => go({ name: 'settings', section: name })}
          >
            <Icon name={ICONS[name]} />
            {SECTIONS[name].title}
          </button>
        ))}
      </div>
      <div
        key={section}
        id="settings-body"
        className="settings-body"
        role="tabpanel"
        aria-labelledby={`tab-${section}`}
        tabIndex={-1}
      >
        <h1>{title}</h1>
        <Body />
      </div>
    </div>
  )
}
