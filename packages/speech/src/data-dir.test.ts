import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { defaultDataDir } from './data-dir.ts'

describe('defaultDataDir', () => {
  it.each([
    ['linux', {}, join('/home/ana', '.local', 'share', 'saywire')],
    ['linux', { XDG_DATA_HOME: '/data' }, join('/data', 'saywire')],
    ['darwin', {}, join('/home/ana', 'Library', 'Application Support', 'Saywire')],
    ['win32', {}, join('/home/ana', 'AppData', 'Local', 'Saywire')],
    ['win32', { LOCALAPPDATA: 'C:/Local' }, join('C:/Local', 'Saywire')],
  ] as const)('is the place of program data on %s with %j', (platform, env, expected) => {
    expect(defaultDataDir(platform, '/home/ana', env)).toBe(expected)
  })
})
