import { expect, test } from 'vitest'
import { loginPage, nextPage } from './next-page.ts'

const ORIGIN = 'https://captions.example'

test('the login leads back to the page and query that needed it', () => {
  const here = '/billing/success?session_id=cs_1&x=a%26b'
  const { search } = new URL(loginPage(here, 'ended'), ORIGIN)
  expect(nextPage(search, ORIGIN)).toBe(here)
})

test.each([
  'https://evil.example/',
  '//evil.example/',
  '/\\evil.example/',
  '/\t/evil.example',
  'javascript:alert(1)',
  'dashboard',
  '',
])('a link cannot make the login lead to another origin: %j', (next) => {
  expect(nextPage(`?${new URLSearchParams({ next }).toString()}`, ORIGIN)).toBe('/dashboard')
})

test('without a wish it leads to the dashboard', () => {
  expect(nextPage('', ORIGIN)).toBe('/dashboard')
})
