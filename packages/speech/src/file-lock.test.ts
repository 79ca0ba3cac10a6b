import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { withFileLock } from './file-lock.ts'

let path: string

beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'saywire-lock-')), 'not there yet')
})

describe('a file lock', () => {
  it('lets one in at a time, and tells the other that it waits', async () => {
    let inside = 0
    let most = 0
    let waits = 0
    const enter = () =>
      withFileLock(path, { onWait: () => waits++ }, async () => {
        most = Math.max(most, ++inside)
        await new Promise((resolve) => setTimeout(resolve, 20))
        inside--
      })
    await Promise.all([enter(), enter(), enter()])
    expect(most).toBe(1)
    expect(waits).toBeGreaterThan(0)
  })

  it('is free again after a failure', async () => {
    const failing = withFileLock(path, {}, () => Promise.reject(new Error('no')))
    await expect(failing).rejects.toThrow('no')
    await expect(withFileLock(path, {}, async () => 'in')).resolves.toBe('in')
  })

  it('can be waited for no longer', async () => {
    await withFileLock(path, {}, async () => {
      const controller = new AbortController()
      const onWait = () => controller.abort(new Error('enough'))
      const waiting = withFileLock(path, { signal: controller.signal, onWait }, async () => 'in')
      await expect(waiting).rejects.toThrow('abort')
    })
  })
})
