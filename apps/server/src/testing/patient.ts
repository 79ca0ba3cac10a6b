/** For what takes milliseconds, and on a busy machine much longer: a database, a socket, a process. */
export const patient = { timeout: 30_000 } as const
