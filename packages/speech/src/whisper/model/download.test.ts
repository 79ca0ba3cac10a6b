import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { serveBadly } from '../testing/bad-file-server.ts'
import { download } from './download.ts'

const content = randomBytes(300_000)
let path: string

beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'saywire-download-')), 'file.part')
})

describe('a download', () => {
  it('goes on where the connection broke, and asks only for the rest', async () => {
    // What the network still held when it broke is lost; what was written is not.
    const isWritten = async () => (await stat(path).catch(() => null))?.size
    const once = async () => vi.waitUntil(isWritten, { timeout: 20_000 })
    await using server = await serveBadly(content, [{ kind: 'cut', afterBytes: 100_000, once }])
    await download({ url: server.url, path, retryDelayMs: 1 })
    expect(content.equals(await readFile(path))).toBe(true)
    expect(server.ranges[0]).toBe('')
    expect(server.ranges[1]).toMatch(/^bytes=\d+-$/)
  })

  it('goes on from what an earlier process left', async () => {
    await using server = await serveBadly(content)
    await writeFile(path, content.subarray(0, 123_456))
    const seen: number[] = []
    await download({ url: server.url, path, onProgress: (received) => seen.push(received) })
    expect(content.equals(await readFile(path))).toBe(true)
    expect(server.ranges).toEqual(['bytes=123456-'])
    expect(seen[0]).toBe(123_456)
    expect(seen.at(-1)).toBe(content.length)
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
  })

  it('starts over where the server cannot go on', async () => {
    await using server = await serveBadly(content, [{ kind: 'ignore-range' }])
    await writeFile(path, content.subarray(0, 50_000))
    await download({ url: server.url, path })
    expect(content.equals(await readFile(path))).toBe(true)
  })

  it('starts over where what is there is longer than the file', async () => {
    await using server = await serveBadly(content)
    await writeFile(path, Buffer.concat([content, content]))
    await download({ url: server.url, path, retryDelayMs: 1 })
    expect(content.equals(await readFile(path))).toBe(true)
  })

  it('is over at once where everything is there', async () => {
    await using server = await serveBadly(content)
    await writeFile(path, content)
    await download({ url: server.url, path })
    expect(content.equals(await readFile(path))).toBe(true)
    expect(server.ranges).toHaveLength(1)
  })

  it('does not wait for a server that stalls', async () => {
    await using server = await serveBadly(content, [{ kind: 'stall', afterBytes: 1000 }])
    await download({ url: server.url, path, stallTimeoutMs: 300, retryDelayMs: 1 })
    expect(content.equals(await readFile(path))).toBe(true)
    expect(server.ranges.length).toBeGreaterThan(1)
  })

  it('gives a failing server a few chances, and no more', async () => {
    const failing = Array.from({ length: 9 }, () => ({ kind: 'status', status: 503 }) as const)
    await using server = await serveBadly(content, failing)
    const attempt = download({ url: server.url, path, attempts: 3, retryDelayMs: 1 })
    await expect(attempt).rejects.toThrow('answered 503')
    expect(server.ranges).toHaveLength(3)
  })

  it('gives up at once where the file does not exist or nobody answers', async () => {
    await using server = await serveBadly(content, [{ kind: 'status', status: 404 }])
    await expect(download({ url: server.url, path })).rejects.toThrow('answered 404')
    expect(server.ranges).toHaveLength(1)
    const silent = await serveBadly(content)
    await silent[Symbol.asyncDispose]()
    await expect(download({ url: silent.url, path })).rejects.toThrow('ECONNREFUSED')
  })

  it('stops when it is aborted, with the reason', async () => {
    await using server = await serveBadly(content, [{ kind: 'stall', afterBytes: 1000 }])
    const controller = new AbortController()
    const onProgress = () => controller.abort(new Error('enough'))
    const attempt = download({ url: server.url, path, signal: controller.signal, onProgress })
    await expect(attempt).rejects.toThrow('enough')
  })
})
