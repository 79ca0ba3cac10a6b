import { pino } from 'pino'
import { expect, test } from 'vitest'
import { openDatabase } from './database/database.ts'
import { createLogger } from './log.ts'

function record(options: { level?: 'info' | 'debug'; readable?: boolean } = {}) {
  const lines: string[] = []
  const { level = 'info', readable = false } = options
  return { lines, log: createLogger({ level, readable, write: (line) => lines.push(line) }) }
}

test('secrets and what people said never reach the log, also inside objects', () => {
  const { log, lines } = record()
  const secrets = { token: 'CANARY', password: 'CANARY', authorization: 'CANARY', text: 'CANARY' }
  log.info({ ...secrets, refresh_token: 'CANARY', cookie: 'CANARY' }, 'flat')
  log.info({ req: { headers: secrets, ...secrets }, body: secrets }, 'nested')
  log.child(secrets).info('child')
  log.child({ a: { b: { c: { d: { TOKEN: 'CANARY' } } } } }).info('deep child')
  log.info({ a: { b: { c: { d: [{ Authorization: 'CANARY' }] } } } }, 'deep')
  log.info({ response: Object.create({}, { text: { value: 'CANARY', enumerable: true } }) }, 'own')
  expect(lines).toHaveLength(6)
  expect(lines.join()).toContain('[redacted]')
  expect(lines.join()).not.toContain('CANARY')
})

test('a secret of the configuration is in no line, also where an error tells it', () => {
  const lines: string[] = []
  const secrets = ['hunter2-"quoted"', 'short']
  const write = (line: string): unknown => lines.push(line)
  const log = createLogger({ level: 'info', readable: false, write, secrets })
  log.error({ err: new Error('bad key hunter2-"quoted" given') }, 'short of hunter2-"quoted"')
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    msg: 'short of [redacted]',
    err: { message: 'bad key [redacted] given' },
  })
})

test('an error is logged with its cause, and with its stack only for debugging', () => {
  const error = new Error('outer', { cause: new TypeError('inner') })
  const { log, lines } = record()
  log.error({ err: error }, 'failed')
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    msg: 'failed',
    err: { message: 'outer', cause: { type: 'TypeError', message: 'inner' } },
  })
  expect(lines[0]).not.toContain('log.test.ts')
  const debugging = record({ level: 'debug' })
  debugging.log.error({ err: error }, 'failed')
  expect(debugging.lines[0]).toContain('log.test.ts')
})

test('a failed query is logged with its reason, not with the source around it', async () => {
  const database = openDatabase(
    'postgresql://saywire@127.0.0.1:1/saywire',
    pino({ level: 'silent' }),
  )
  const error: unknown = await database.prisma.user.findMany().catch((cause: unknown) => cause)
  await database.close()
  const message = error instanceof Error ? error.message : ''
  expect(message).toContain('log.test.ts')
  const { log, lines } = record()
  // As tRPC wraps it.
  log.error({ err: new Error(message, { cause: error }) }, 'call failed')
  expect(lines[0]).toContain('127.0.0.1')
  expect(lines[0]).toMatch(/"code":"\w+"/)
  expect(lines[0]).not.toContain('log.test.ts')
  expect(lines[0]).not.toContain('findMany')
})

test('on a terminal a record is one readable line', () => {
  const { log, lines } = record({ readable: true })
  log.warn({ count: 2 }, 'ended sessions')
  expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d warn ended sessions \{"count":2\}\n$/)
})
