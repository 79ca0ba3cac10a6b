import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createReplayFile } from './replay-file.ts'

function setUp(keptMs?: number) {
  const folder = mkdtempSync(join(tmpdir(), 'saywire-waiting-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const notices: string[] = []
  const onNotice = (sentence: string) => notices.push(sentence)
  const create = () => createReplayFile({ folder, onNotice, ...(keptMs && { keptMs }) })
  return { folder, notices, create }
}

const bytes = (length: number, value: number) => new Uint8Array(length).fill(value)
/** Open files of this process in that folder, also those that have no name any more. */
const openFiles = (folder: string) =>
  readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const { mode, size, dev } = statSync(`/proc/self/fd/${fd}`)
      return dev === statSync(folder).dev && size > 0 ? [{ mode, size }] : []
    } catch {
      return []
    }
  })

describe('waiting speech on the disk', () => {
  it('is not there before there is some, and gone when it is needed no more', () => {
    const { folder, create } = setUp()
    const file = create()
    expect(readdirSync(folder)).toEqual([])
    file.append(bytes(64_000, 7))
    expect(file.keptBytes).toBe(64_000)
    expect(file.read(10, 14)).toEqual(bytes(4, 7))
    file.clear()
    expect(file.keptBytes).toBe(0)
    expect(readdirSync(folder)).toEqual([])
    file.append(bytes(100, 8))
    expect(file.read(0, 100)).toEqual(bytes(100, 8))
    file.clear()
  })

  it.runIf(process.platform === 'linux')('has no name, and is for this user alone', () => {
    const { folder, create } = setUp()
    const file = create()
    const before = openFiles(folder).length
    file.append(bytes(12_345, 7))
    expect(readdirSync(folder)).toEqual([])
    const mine = openFiles(folder).find(({ size }) => size === 12_345)
    expect((mine?.mode ?? 0) & 0o777).toBe(0o600)
    file.clear()
    expect(openFiles(folder)).toHaveLength(before)
  })

  it('is the newest of so many minutes, and never more of the disk', () => {
    const { create } = setUp(100)
    const file = create()
    for (let i = 0; i < 50; i++) file.append(bytes(1000, i))
    expect(file.keptBytes).toBe(3200)
    expect(file.read(0, 200)).toEqual(bytes(200, 46))
    expect(file.read(200, 1200)).toEqual(bytes(1000, 47))
    expect(file.read(2200, 3200)).toEqual(bytes(1000, 49))
    file.clear()
  })

  it('that a killed program left is removed, and that of a running one is not', () => {
    const { folder, create } = setUp()
    const [dead, living] = [
      'waiting-speech-999999999-1.pcm',
      `waiting-speech-${process.ppid}-1.pcm`,
    ]
    for (const name of [dead, living, 'other.txt']) writeFileSync(join(folder, name), 'x')
    create()
    expect(readdirSync(folder).toSorted()).toEqual(['other.txt', living])
  })

  it('outlives a moment in which the computer is busy, but not a disk that stays slow', () => {
    const { folder, notices } = setUp()
    let ms = 0
    let stepMs = 300
    const now = () => (ms += stepMs)
    const file = createReplayFile({ folder, onNotice: (one) => notices.push(one), now })
    for (const slow of [true, true, false, true, true]) {
      stepMs = slow ? 300 : 1
      file.append(bytes(10, 1))
    }
    expect([file.keptBytes, notices.length]).toEqual([50, 0])
    file.append(bytes(10, 1))
    expect([file.keptBytes, notices.length]).toEqual([0, 1])
  })

  it('is given up, and said so once, where the disk fails: nothing throws', () => {
    const { folder, notices, create } = setUp()
    rmSync(folder, { recursive: true })
    writeFileSync(folder, 'not a folder')
    const file = create()
    file.append(bytes(10, 1))
    file.append(bytes(10, 1))
    expect(file.keptBytes).toBe(0)
    expect(file.read(0, 10)).toBeUndefined()
    expect(notices).toHaveLength(1)
  })
})
