import { loginPage } from '../routing/next-page.ts'

/**
 * Leads to the login page and back here. A page load, not a navigation: nothing that was in memory
 * for one user stays there for the next.
 */
export function leaveForLogin(): void {
  if (location.pathname === '/login') return
  location.assign(loginPage(location.pathname + location.search, 'ended'))
}
