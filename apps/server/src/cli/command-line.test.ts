import { expect, test } from 'vitest'
import { parseCommandLine } from './command-line.ts'

const parse = (line: string) => parseCommandLine(line.split(' ').filter((word) => word !== ''))

test('without words the server runs', () => {
  expect(parse('')).toEqual({ name: 'serve' })
})

test.each([
  ['users list', { name: 'users list', limit: 50 }],
  ['users list --search bob --limit 5', { name: 'users list', search: 'bob', limit: 5 }],
  ['users show A@b.org --json', { name: 'users show', user: 'A@b.org', isJson: true }],
  [
    'users block usr_1 --reason spam',
    { name: 'users block', user: 'usr_1', reason: 'spam', allowLast: false },
  ],
  ['users unblock usr_1 --reason sorry', { name: 'users unblock', user: 'usr_1', reason: 'sorry' }],
  ['sessions list --cursor ses_1', { name: 'sessions list', cursor: 'ses_1', limit: 50 }],
  [
    'sessions end ses_1 --reason spam',
    { name: 'sessions end', sessionId: 'ses_1', reason: 'spam' },
  ],
  [
    'credits adjust usr_1 --take 5 --reason spam --key 12345678',
    { name: 'credits adjust', user: 'usr_1', deltaMs: -5, reason: 'spam', key: '12345678' },
  ],
  [
    'credits adjust usr_1 --add 5 --reason gift',
    { name: 'credits adjust', user: 'usr_1', deltaMs: 5, reason: 'gift' },
  ],
  ['margins --days 7', { name: 'margins', days: 7 }],
  ['audit --user usr_1', { name: 'audit', user: 'usr_1', limit: 50 }],
  [
    'admin grant a@b.org',
    { name: 'admin grant', user: 'a@b.org', reason: 'No reason was given.', allowLast: false },
  ],
  [
    'admin revoke a@b.org --last --reason left',
    { name: 'admin revoke', user: 'a@b.org', reason: 'left', allowLast: true },
  ],
])('`%s` is understood', (line, command) => {
  expect(parse(line)).toEqual(command)
})

test.each([
  ['users', 'There is no command `users`.'],
  ['users show', '`users show` takes one e-mail address or id.'],
  ['users list bob', '`users list` takes no more words.'],
  ['users list --reason because', '`users list` takes no --reason.'],
  ['users list --limit 201', '--limit Too big: expected number to be <=200.'],
  ['users list --limit ten', '--limit must be a whole number.'],
  ['users block usr_1', '--reason is missing.'],
  ['users block usr_1 --reason no', '--reason must be one line of 3 to 500 characters.'],
  [
    'credits adjust usr_1 --reason gift',
    '`credits adjust` takes either --add <ms> or --take <ms>.',
  ],
  [
    'credits adjust usr_1 --add 1 --take 1 --reason gift',
    '`credits adjust` takes either --add <ms> or --take <ms>.',
  ],
  ['credits adjust usr_1 --add 0 --reason gift', '--add must not be 0.'],
  ['credits adjust usr_1 --add 1.5 --reason gift', '--add must be a whole number.'],
  ['credits grant a@b.org 5 --last', '`credits grant` takes no --last.'],
  ['margins --days 367', '--days Too big: expected number to be <=366.'],
  ['--json', 'There is no command ``.'],
])('`%s` is refused in words', (line, problem) => {
  expect(() => parse(line)).toThrow(
    expect.objectContaining({ name: 'UsageError', message: problem }),
  )
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
