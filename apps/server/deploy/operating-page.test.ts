import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { envTableMarkdown } from '../src/env.ts'

const page = await readFile(new URL('../OPERATING.md', import.meta.url), 'utf8')

test('every variable that the operators’ page names is one that the server reads', () => {
  const known = new Set([...envTableMarkdown().matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name))
  const [, table = ''] = /<!-- variables:start -->([^]*)<!-- variables:end -->/.exec(page) ?? []
  const named = [...table.matchAll(/^\| (.+?) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name),
  )
  expect(named.length).toBeGreaterThan(10)
  expect(named.filter((name) => !known.has(name))).toEqual([])
})

test('every file that it leads to is there', () => {
  const links = [...page.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, path = '']) => path)
  expect(links.length).toBeGreaterThan(4)
  const missing = links.filter((path) => !existsSync(new URL(`../${path}`, import.meta.url)))
  expect(missing).toEqual([])
})

test('the statement that asks the books is the one that tests ask', async () => {
  const asked = await readFile(
    new URL('../src/testing/unbalanced-users.ts', import.meta.url),
    'utf8',
  )
  for (const part of [
    'available_ms + held_ms <> ',
    'FROM usage_ledger l WHERE l.user_id = b.user_id',
    "a.state = 'active'",
  ]) {
    expect(page).toContain(part)
    expect(asked).toContain(part)
  }
})
