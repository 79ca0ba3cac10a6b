const HOME = '/dashboard'

/** Where to go after the login, from `?next=`. Never to another origin, whatever the link said. */
export function nextPage(search: string, origin: string): string {
  const next = new URLSearchParams(search).get('next')
  if (next === null || !next.startsWith('/') || !URL.canParse(next, origin)) return HOME
  const url = new URL(next, origin)
  return url.origin === origin ? url.pathname + url.search : HOME
}

/** The login page, which leads back to `here` (path and query). */
export function loginPage(here: string, why: 'ended' | 'required'): string {
  const query = new URLSearchParams({ next: here, ...(why === 'ended' ? { ended: '1' } : {}) })
  return `/login?${query.toString()}`
}
