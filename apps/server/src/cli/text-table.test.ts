import { expect, test } from 'vitest'
import { plainText, textTable } from './text-table.ts'

test('columns are as wide as their widest cell; numbers are set to the right', () => {
  const rows = [
    ['a@example.org', '5', ''],
    ['b', '1000', 'x'],
  ]
  expect(textTable(['E-MAIL', '>MS', 'NOTE'], rows)).toBe(
    ['E-MAIL           MS  NOTE', 'a@example.org     5', 'b              1000  x'].join('\n'),
  )
})

test('what a client wrote moves no cursor and colours nothing', () => {
  expect(plainText('nova\u001B[31m\r\n3\u202E')).toBe('nova?[31m??3?')
  expect(textTable(['MODEL'], [['\u001B[2J']])).toBe('MODEL\n?[2J')
})
