import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { UpdateView } from '../api/desktop-state.ts'
import { createUpdater } from './updater.ts'
import type { UpdateSource } from './updater.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function setUp({ isOffered = true } = {}) {
  const events = new EventEmitter()
  const calls: string[] = []
  const source = Object.assign(events, {
    autoDownload: true,
    autoInstallOnAppQuit: false,
    async checkForUpdates() {
      calls.push('check')
      events.emit(isOffered ? 'update-available' : 'update-not-available', { version: '2.0.0' })
    },
    async downloadUpdate() {
      calls.push('download')
      events.emit('update-downloaded', { version: '2.0.0' })
    },
    quitAndInstall: () => void calls.push('install'),
  }) satisfies UpdateSource
  const views: UpdateView[] = []
  const user = { isWanted: true, isCaptioning: false }
  const updater = createUpdater({
    source,
    isWanted: () => user.isWanted,
    isCaptioning: () => user.isCaptioning,
    log: () => undefined,
  })
  updater.onUpdate((view) => views.push(view))
  return { updater, source, calls, user, views, events }
}

it('downloads what is offered, and leaves it to be installed when the app quits', () => {
  const { calls, source, views } = setUp()
  vi.advanceTimersByTime(30_000)
  expect(calls).toEqual(['check', 'download'])
  expect(views.at(-1)).toEqual({ status: 'ready', version: '2.0.0' })
  expect(source).toMatchObject({ autoDownload: false, autoInstallOnAppQuit: true })
})

it.each([
  ['while captions run', { isCaptioning: true }],
  ['for a user who wants none', { isWanted: false }],
])('neither looks nor downloads %s, and does both afterwards', (_when, change) => {
  const { calls, updater, user } = setUp()
  Object.assign(user, change)
  vi.advanceTimersByTime(3_600_000)
  expect(calls).toEqual([])
  Object.assign(user, { isWanted: true, isCaptioning: false })
  updater.reconsider()
  expect(calls).toEqual(['check', 'download'])
  updater.reconsider()
  expect(calls).toHaveLength(2)
})

it('looks again every four hours', () => {
  const { calls } = setUp({ isOffered: false })
  vi.advanceTimersByTime(30_000 + 8 * 3_600_000)
  expect(calls).toEqual(['check', 'check', 'check'])
})

it('tells of a failure, and tries again later', () => {
  const { calls, views, events } = setUp({ isOffered: false })
  vi.advanceTimersByTime(30_000)
  events.emit('error', new Error('no network'))
  expect(views.at(-1)?.status).toBe('failed')
  vi.advanceTimersByTime(4 * 3_600_000)
  expect(calls).toHaveLength(2)
})

it('installs at once only what is ready, and never while captions run', () => {
  const { calls, updater, user } = setUp()
  updater.install()
  expect(calls).toEqual([])
  vi.advanceTimersByTime(30_000)
  user.isCaptioning = true
  updater.install()
  expect(calls).not.toContain('install')
  user.isCaptioning = false
  updater.install()
  expect(calls).toEqual(['check', 'download', 'install'])
})

it('is off where the app cannot update itself', () => {
  const updater = createUpdater({
    source: undefined,
    isWanted: () => true,
    isCaptioning: () => false,
    log: () => undefined,
  })
  const views: UpdateView[] = []
  updater.onUpdate((view) => views.push(view))
  vi.advanceTimersByTime(30_000)
  expect(views).toEqual([{ status: 'off', version: undefined }])
})
