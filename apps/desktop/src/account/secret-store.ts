/** Small secrets by name, such as a login's refresh token. */
export interface SecretStore {
  get(name: string): Promise<string | undefined>
  /**
   * Changes one secret while no other process does: what `change` returns is stored; undefined
   * removes it. Returns what is stored afterwards.
   */
  update(
    name: string,
    change: (current: string | undefined) => Promise<string | undefined>,
  ): Promise<string | undefined>
}

/** What the desktop app keeps its secrets in. */
export interface DesktopSecrets extends SecretStore {
  /** `weak`: readable by other programs of this user; `none`: forgotten when the app ends. */
  readonly storage: 'keychain' | 'weak' | 'none'
}

/** The names under which secrets are kept; they are no secrets themselves. */
export const SECRET_NAMES = {
  deepgramKey: 'deepgram key',
  obsPassword: 'obs password',
  login: (serverUrl: string) => `login ${serverUrl.replace(/\/$/, '')}`,
} as const
