import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isReachable, readBounds } from './window-bounds.ts'

const laptop = { x: 0, y: 0, width: 1280, height: 800 }
const left = { x: -1920, y: 0, width: 1920, height: 1080 }
const size = { width: 960, height: 640 }

describe('the remembered place of the window', () => {
  it.each([
    ['in the middle', { x: 100, y: 100, ...size }, [laptop], true],
    ['on the second screen', { x: -1800, y: 50, ...size }, [laptop, left], true],
    ['on a screen that is gone', { x: -1800, y: 50, ...size }, [laptop], false],
    ['with its title above the screen', { x: 100, y: -30, ...size }, [laptop], false],
    ['with its title below the screen', { x: 100, y: 790, ...size }, [laptop], false],
    ['with a corner only to grip', { x: 1270, y: 100, ...size }, [laptop], false],
  ])('is used only where the window can be reached: %s', (_where, bounds, screens, expected) => {
    expect(isReachable(bounds, screens)).toBe(expected)
  })

  it.each(['', '{', '[]', '{"x":1e9,"y":0,"width":1,"height":1,"isMaximized":false}'])(
    'is forgotten where its file says %j',
    (text) => {
      const file = join(mkdtempSync(join(tmpdir(), 'saywire-bounds-')), 'window.json')
      writeFileSync(file, text)
      expect(readBounds(file)).toBeUndefined()
    },
  )
})
