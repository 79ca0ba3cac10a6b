import { useDesktopState } from '../api/hooks.ts'
import { Icon } from '../ui/icon.tsx'

const STATEMENTS = {
  keychain: 'Keys and logins are encrypted with your system’s keychain.',
  weak: 'This system offers no keychain, so keys and logins are only lightly scrambled in your user folder: whoever can read your files can read them.',
  none: 'This system offers no place for secrets: keys and logins are forgotten when Saywire closes.',
} as const

/** How well this computer keeps secrets, said plainly. */
export function SecretStatement() {
  const { secretStorage } = useDesktopState()
  const isGood = secretStorage === 'keychain'
  return (
    <p className={isGood ? 'secret-statement quiet-text' : 'callout secret-statement'}>
      <Icon name={isGood ? 'key' : 'warning'} />
      <span>{STATEMENTS[secretStorage]}</span>
    </p>
  )
}
