import { TRPCClientError } from '@trpc/client'
import type { ApiErrorCode } from '@saywire/protocol'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { registerUser } from '../../testing/register-user.ts'
import { commandLine, createTestAdministration } from '../../testing/test-administration.ts'
import type { TestApp } from '../../testing/test-app.ts'
import { startTestApp } from '../../testing/test-app.ts'
import type { TestDatabase } from '../../testing/test-database.ts'
import { createTestDatabase } from '../../testing/test-database.ts'
import type { TestTrpcClient } from '../../testing/trpc-client.ts'
import { connectTrpc } from '../../testing/trpc-client.ts'
import { unbalancedUsers } from '../../testing/unbalanced-users.ts'

export const reason = 'because of a test'

/** A user with a connection to the API. */
export interface Person {
  readonly userId: string
  readonly token: string
  readonly trpc: TestTrpcClient['trpc']
}

/** Two server processes on one database, in which the books balance after every test. */
export function setAdminStage() {
  let database: TestDatabase
  let servers: readonly TestApp[] = []
  const clients: TestTrpcClient[] = []
  beforeAll(async () => {
    database = await createTestDatabase()
    const start = async () =>
      startTestApp(database.url, { isDatabaseOwned: false, loginCheckMs: 100 })
    servers = [await start(), await start()]
  })
  afterAll(async () => {
    await Promise.all(clients.map(async (client) => client.close()))
    await Promise.all(servers.map(async (server) => server.close()))
    await database.drop()
  })
  afterEach(async () => expect(await unbalancedUsers(database)).toEqual([]))

  function connect(url: string, token?: string): TestTrpcClient['trpc'] {
    const client = connectTrpc(url, token)
    clients.push(client)
    return client.trpc
  }

  return {
    get one(): TestApp {
      return servers[0] as TestApp
    },
    get two(): TestApp {
      return servers[1] as TestApp
    },
    get database(): TestDatabase {
      return database
    },
    connect,
    async addUser(): Promise<Person> {
      const { userId, token } = await registerUser(this.one.url)
      return { userId, token, trpc: connect(this.one.url, token) }
    },
    /** Made on the command line, as the first one is. */
    async addAdmin(): Promise<Person> {
      const person = await this.addUser()
      const wish = { userId: person.userId, role: 'admin', reason } as const
      await createTestAdministration(database).access.setRole(commandLine, wish)
      return person
    },
  }
}

/** How a call is refused; undefined where it is not. */
export async function refusalOf(call: Promise<unknown>): Promise<unknown> {
  try {
    await call
    return undefined
  } catch (error) {
    if (!(error instanceof TRPCClientError)) throw error
    return (error.data as { error: unknown }).error
  }
}

export async function codeOf(call: Promise<unknown>): Promise<ApiErrorCode | undefined> {
  return ((await refusalOf(call)) as { code: ApiErrorCode } | undefined)?.code
}
