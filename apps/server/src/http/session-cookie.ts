import { LOGIN_LIFETIME_MS } from '../accounts/login-lifetime.ts'

/**
 * Over TLS the name has the prefix with which browsers see to it that nobody but this very host,
 * over TLS, has set the cookie: no neighbour on another subdomain, nobody on the wire.
 */
const nameOf = (isSecure: boolean): string =>
  isSecure ? '__Host-saywire_session' : 'saywire_session'

/** @param header value of the HTTP header `cookie` */
export function readSessionCookie(
  header: string | undefined,
  isSecure: boolean,
): string | undefined {
  const prefix = `${nameOf(isSecure)}=`
  const pairs = (header ?? '').split(';').map((pair) => pair.trim())
  const value = pairs.find((pair) => pair.startsWith(prefix))?.slice(prefix.length)
  return value === '' ? undefined : value
}

/**
 * No script reads it, and no other site's page makes the browser send it.
 * @param token undefined: take the cookie away
 * @returns value of the HTTP header `set-cookie`
 */
export function writeSessionCookie(token: string | undefined, isSecure: boolean): string {
  const maxAgeS = token === undefined ? 0 : LOGIN_LIFETIME_MS / 1000
  const flags = `Path=/; Max-Age=${maxAgeS}; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`
  return `${nameOf(isSecure)}=${token ?? ''}; ${flags}`
}
