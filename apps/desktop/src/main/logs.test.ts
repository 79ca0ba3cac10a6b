import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createLog } from './logs.ts'

const MB = 1024 * 1024
const noon = () => new Date('2026-01-02T12:00:00Z')

function newFolder(): string {
  return join(mkdtempSync(join(tmpdir(), 'saywire-log-')), 'logs')
}

it('writes one line for each sentence, whatever the sentence holds', () => {
  const folder = newFolder()
  createLog(folder, noon)('error', 'It failed:\n  at line\r\n2')
  const text = readFileSync(join(folder, 'saywire.log'), 'utf8')
  expect(text).toBe('2026-01-02T12:00:00.000Z error It failed: at line 2\n')
})

it('keeps five files of at most 1 MB, the newest lines in the first', () => {
  const folder = newFolder()
  const log = createLog(folder, noon)
  for (let line = 0; line < 4000; line++) log('info', `${line} ${'x'.repeat(1990)}`)
  const files = readdirSync(folder).toSorted()
  expect(files).toEqual([
    'saywire.1.log',
    'saywire.2.log',
    'saywire.3.log',
    'saywire.4.log',
    'saywire.log',
  ])
  for (const file of files) expect(statSync(join(folder, file)).size).toBeLessThanOrEqual(MB)
  expect(readFileSync(join(folder, 'saywire.log'), 'utf8')).toContain('info 3999 ')
})

it('goes on with the file that is there, and counts what it holds', () => {
  const folder = newFolder()
  createLog(folder, noon)('info', 'first run')
  writeFileSync(join(folder, 'saywire.log'), 'x'.repeat(MB - 10))
  createLog(folder, noon)('info', 'second run')
  expect(readFileSync(join(folder, 'saywire.log'), 'utf8')).toContain('second run')
  expect(statSync(join(folder, 'saywire.1.log')).size).toBe(MB - 10)
})

it('lets the app go on where nothing can be written', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'saywire-log-')), 'a-file')
  writeFileSync(file, '')
  expect(() => createLog(join(file, 'logs'), noon)('info', 'lost')).not.toThrow()
})
