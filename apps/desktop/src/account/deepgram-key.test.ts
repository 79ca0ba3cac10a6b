import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FakeDeepgram } from '@saywire/speech/testing'
import { startFakeDeepgram } from '@saywire/speech/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { KeyView } from '../api/desktop-state.ts'
import { checkDeepgramKey } from './check-deepgram-key.ts'
import { createDeepgramKey } from './deepgram-key.ts'
import { createFileSecretStore } from './file-secret-store.ts'

describe('the Deepgram key', { timeout: 30_000 }, () => {
  let folder = ''
  let deepgram: FakeDeepgram
  let shown: KeyView[] = []
  let newKeys = 0
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saywire-key-'))
    deepgram = await startFakeDeepgram({ apiKey: 'the-good-key-1234' })
    shown = []
    newKeys = 0
  })
  afterEach(async () => {
    await deepgram[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })

  const create = (recheckMs = 60_000) =>
    createDeepgramKey({
      secrets: createFileSecretStore(join(folder, 'secrets.json')),
      deepgramUrl: deepgram.url,
      publish: (view) => shown.push(view),
      onNewKey: () => newKeys++,
      recheckMs,
    })

  it('gives a session that runs new hope, unless it is refused', async () => {
    await create().setKey('a-bad-key')
    expect(newKeys).toBe(0)
    await create().setKey('the-good-key-1234')
    expect(newKeys).toBe(1)
  })

  it('is checked at once, and only its last four characters are shown', async () => {
    expect(await create().setKey('the-good-key-1234')).toMatchObject({ status: 'valid' })
    expect(shown.map(({ status }) => status)).toEqual(['checking', 'valid'])
    expect(JSON.stringify(shown)).not.toContain('key-1234')
    expect(shown.at(-1)?.hint).toBe('1234')
    expect(deepgram.connections).toHaveLength(0)
  })

  it('is kept, and checked again when the app starts', async () => {
    await create().setKey('the-good-key-1234')
    const again = create()
    await again.recheck()
    expect(shown.at(-1)).toMatchObject({ status: 'valid', hint: '1234' })
    expect(await again.get()).toBe('the-good-key-1234')
  })

  it('is gone when it was removed', async () => {
    const key = create()
    await key.setKey('the-good-key-1234')
    await key.removeKey()
    expect(shown.at(-1)).toEqual({ status: 'none', hint: undefined, sentence: undefined })
    expect(await readFile(join(folder, 'secrets.json'), 'utf8')).toBe('{}')
  })

  it('is refused where the provider refuses it', async () => {
    expect(await create().setKey('a-wrong-key')).toMatchObject({
      status: 'invalid',
      sentence: expect.stringContaining('console.deepgram.com') as string,
    })
    deepgram.faults.push({ on: 'check-key', action: 'refuse', status: 403 })
    expect(await create().setKey('the-good-key-1234')).toMatchObject({ status: 'invalid' })
  })

  it.each([
    ['fails', { on: 'check-key', action: 'refuse', status: 503 }],
    ['hangs up', { on: 'check-key', action: 'drop' }],
    ['says nothing', { on: 'check-key', action: 'hang' }],
  ] as const)('is not called wrong where the provider %s', async (_what, fault) => {
    deepgram.faults.push(fault)
    const verdict = await checkDeepgramKey('the-good-key-1234', {
      deepgramUrl: deepgram.url,
      timeoutMs: 300,
    })
    expect(verdict.status).toBe('unverified')
  })

  it('is checked again later where the provider could not be asked', async () => {
    deepgram.faults.push({ on: 'check-key', action: 'drop' })
    const key = create(10)
    expect(await key.setKey('the-good-key-1234')).toMatchObject({ status: 'unverified' })
    await expect.poll(() => shown.at(-1)?.status, { timeout: 10_000 }).toBe('valid')
    key.close()
  })
})
