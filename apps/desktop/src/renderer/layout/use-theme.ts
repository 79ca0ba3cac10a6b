import { useEffect } from 'react'
import type { Settings } from '../../settings/settings.ts'

/** Makes the page light or dark, and follows the system where it is asked to. */
export function useTheme(theme: Settings['app']['theme']): void {
  useEffect(() => {
    const dark = matchMedia('(prefers-color-scheme: dark)')
    const apply = (): void => {
      const isDark = theme === 'dark' || (theme === 'system' && dark.matches)
      document.documentElement.dataset['theme'] = isDark ? 'dark' : 'light'
    }
    apply()
    dark.addEventListener('change', apply)
    return () => dark.removeEventListener('change', apply)
  }, [theme])
}
