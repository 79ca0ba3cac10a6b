import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(
  new URL('../../../server/bench/backstage-process.ts', import.meta.url),
)

/** A real PostgreSQL with accounts, in a process of its own: no server takes it along. */
export interface Backstage extends AsyncDisposable {
  /** What a server needs in order to run on it. */
  readonly env: { readonly DATABASE_URL: string; readonly JWT_SECRET: string }
  /** @returns the id of a new user */
  addUser(creditMs: number): Promise<string>
  issueToken(userId: string): Promise<string>
  /** What all sessions of a user were charged, net of what was credited back. */
  chargedMs(userId: string): Promise<number>
  sessions(userId: string): Promise<{
    /** Each session, as the books have them, oldest first: to see why there is more than one. */
    readonly rows: readonly object[]
    /** Still open. */
    readonly leases: number
  }>
}

type Message =
  | { readonly env: Backstage['env'] }
  | { readonly id: number; readonly value?: unknown; readonly error?: string }

export async function startBackstage(): Promise<Backstage> {
  const child = fork(PROGRAM, { execArgv: ['--import', import.meta.resolve('tsx')] })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const asked = new Map<number, (message: { value?: unknown; error?: string }) => void>()
  let lastId = 0
  const env = await new Promise<Backstage['env']>((resolve, reject) => {
    child.on('message', (message: Message) => {
      if ('env' in message) return resolve(message.env)
      asked.get(message.id)?.(message)
      asked.delete(message.id)
    })
    void exited.then(() => reject(new Error('The database of the bench did not start.')))
  })

  async function ask<T>(question: object): Promise<T> {
    if (!child.connected) throw new Error('The database of the bench has ended.')
    const id = (lastId += 1)
    return new Promise<T>((resolve, reject) => {
      asked.set(id, ({ value, error }) => {
        if (error === undefined) resolve(value as T)
        else reject(new Error(error))
      })
      child.send({ id, ...question })
    })
  }

  return {
    env,
    addUser: async (creditMs) => ask({ ask: 'add-user', creditMs }),
    issueToken: async (userId) => ask({ ask: 'issue-token', userId }),
    chargedMs: async (userId) => ask({ ask: 'charged-ms', userId }),
    sessions: async (userId) => ask({ ask: 'sessions', userId }),
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect()
      await exited
    },
  }
}
