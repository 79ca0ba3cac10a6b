/** How long a login lasts after its last use. */
export const LOGIN_LIFETIME_MS = 30 * 24 * 60 * 60 * 1000
