import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { expect, inject, test } from 'vitest'
import { startServerDatabase } from './server-database.ts'

async function failureOf(url: string): Promise<string> {
  const log = pino({ level: 'silent' })
  const started = await startServerDatabase({ url, dataDir: '/nowhere', log }).catch(String)
  if (typeof started !== 'string') throw new Error('the database was reached')
  return started
}

/** A port where nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

test('a database that is not there is told by its variable and host, without the password', async () => {
  for (const host of ['127.0.0.1', 'localhost']) {
    const port = await freePort()
    const message = await failureOf(`postgresql://saywire:CANARY@${host}:${port}/saywire`)
    expect(message).toContain('DATABASE_URL')
    expect(message).toContain(`${host}:${port}`)
    expect(message).toContain('ECONNREFUSED')
    expect(message).not.toContain('CANARY')
  }
})

test('a database that refuses the user or has another name says so, without the password', async () => {
  const url = new URL(inject('adminDatabaseUrl'))
  url.pathname = '/no_such_database'
  const message = await failureOf(url.href)
  expect(message).toMatch(/DATABASE_URL.*"no_such_database" does not exist/)
  if (url.password) expect(message).not.toContain(url.password)
})
