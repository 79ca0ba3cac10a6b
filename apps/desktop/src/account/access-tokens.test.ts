import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAccessTokens } from './access-tokens.ts'
import { createFileSecretStore } from './file-secret-store.ts'

const BLOCKED = 'This account is blocked. Ask who runs this server why, and how to go on.'

/** A server whose refresh tokens are for one use: a second use ends the login. */
function startAuthServer() {
  let current = 0
  let ended = false
  let refreshes = 0
  let blocked = false
  const server = createServer((req, res) => {
    let body = ''
    req.on('data', (chunk: Buffer) => (body += chunk.toString()))
    req.on('end', () => {
      const input = JSON.parse(body || '{}') as { refresh_token?: string }
      if (req.url?.endsWith('/auth.refresh')) {
        refreshes += 1
        if (blocked) {
          res.writeHead(403, { 'content-type': 'application/json' })
          const error = { code: 'account_blocked', message: BLOCKED }
          const data = { code: 'FORBIDDEN', httpStatus: 403, error }
          return res.end(JSON.stringify({ error: { message: BLOCKED, code: -32003, data } }))
        }
        if (ended || input.refresh_token !== `refresh-${current}`) {
          ended = true
          res.writeHead(401, { 'content-type': 'application/json' })
          const data = { code: 'UNAUTHORIZED', httpStatus: 401 }
          return res.end(JSON.stringify({ error: { message: 'Log in.', code: -32001, data } }))
        }
      }
      current += 1
      const data = {
        access_token: `access-${current}`,
        refresh_token: `refresh-${current}`,
        expires_in: 900,
        user: { id: 'usr_1', email: 'me@example.org' },
      }
      res.writeHead(200, { 'content-type': 'application/json' })
      return res.end(JSON.stringify({ result: { data } }))
    })
  }).listen(0, '127.0.0.1')
  return { server, refreshes: () => refreshes, block: () => (blocked = true) }
}

describe('the login on this machine', () => {
  let folder = ''
  let auth: { server: Server; refreshes: () => number; block: () => void }
  let nowMs = 0
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saywire-login-'))
    auth = startAuthServer()
    await new Promise((resolve) => auth.server.once('listening', resolve))
    nowMs = 0
  })
  afterEach(async () => {
    auth.server.close()
    await rm(folder, { recursive: true })
  })

  const create = () => {
    const port = (auth.server.address() as AddressInfo).port
    return createAccessTokens({
      serverUrl: `http://127.0.0.1:${port}`,
      secrets: createFileSecretStore(join(folder, 'secrets.json')),
      now: () => nowMs,
    })
  }

  it('of a blocked account says so in the server’s own words, and is not taken for a lost one', async () => {
    const tokens = create()
    await tokens.enter('login', 'me@example.org', 'correct horse')
    auth.block()
    nowMs = 16 * 60_000
    await expect(create().get()).rejects.toMatchObject({
      code: 'account_blocked',
      message: BLOCKED,
      retryable: false,
    })
  })

  it('is kept in a file that only this user may read', async () => {
    await create().enter('login', 'me@example.org', 'correct horse')
    const { mode } = await stat(join(folder, 'secrets.json'))
    expect(mode & 0o777).toBe(0o600)
    expect(await readFile(join(folder, 'secrets.json'), 'utf8')).not.toContain('correct horse')
  })

  it('is used as it is while it is fresh, and exchanged before it expires', async () => {
    const tokens = create()
    await tokens.enter('login', 'me@example.org', 'correct horse')
    expect(await tokens.get()).toBe('access-1')
    expect(await tokens.get()).toBe('access-1')
    nowMs += 880_000
    expect(await create().get()).toBe('access-2')
    expect(auth.refreshes()).toBe(1)
  })

  it('is exchanged once, however many processes need it at the same time', async () => {
    await create().enter('login', 'me@example.org', 'correct horse')
    nowMs += 900_000
    const got = await Promise.all(Array.from({ length: 8 }, async () => create().get()))
    expect(new Set(got)).toEqual(new Set(['access-2']))
    expect(auth.refreshes()).toBe(1)
  })

  it('says how to log in where there is none', async () => {
    await expect(create().get()).rejects.toMatchObject({
      code: 'unauthenticated',
      message: expect.stringContaining('login --server') as string,
    })
  })

  it('says that the server cannot be reached, and stays', async () => {
    const tokens = create()
    await tokens.enter('login', 'me@example.org', 'correct horse')
    nowMs += 900_000
    auth.server.close()
    auth.server.closeAllConnections()
    await expect(tokens.get()).rejects.toMatchObject({ code: 'unreachable', retryable: true })
    expect(await readFile(join(folder, 'secrets.json'), 'utf8')).toContain('refresh-1')
  })
})
