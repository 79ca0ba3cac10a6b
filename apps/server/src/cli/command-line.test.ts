import { expect, test } from 'vitest'
import { parseCommandLine } from './command-line.ts'

const parse = (line: string) => parseCommandLine(line.split(' ').filter((word) => word !== ''))

test('without words the server runs', () => {
  expect(parse('')).toEqual({ name: 'serve' })
})

test('a grant names an account, minutes, and where need be a reason', () => {
  const grant = { name: 'grant', email: 'a@example.org', minutes: 90, reason: undefined }
  expect(parse('credits grant A@Example.org 90')).toEqual(grant)
  expect(parse('credits grant a@example.org 90 --reason sorry')).toEqual({
    ...grant,
    reason: 'sorry',
  })
})

test.each(['--help', '-h', 'credits grant --help'])('%s asks for help', (line) => {
  expect(parse(line)).toEqual({ name: 'help' })
})

test.each(['0', '1.5', '1e3', '1000001', '9'.repeat(20), 'ten', '0x10'])(
  '%s are not minutes',
  (minutes) => {
    expect(() => parse(`credits grant a@example.org ${minutes}`)).toThrow('Minutes are a whole')
  },
)

test.each([
  'credits',
  'credits take a@example.org 5',
  'grant a@example.org 5',
  'credits grant',
  'credits grant a@example.org',
  'credits grant a@example.org 5 6',
  'credits grant a@example.org -5',
  'credits grant a@example.org 5 --reason ',
  '--reason x',
  '--port 80',
])('`%s` is refused, and nothing is done', (line) => {
  expect(() => parse(line)).toThrow(expect.objectContaining({ name: 'UsageError' }))
})
