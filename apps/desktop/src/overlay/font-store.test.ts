import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FontStore } from './font-store.ts'
import { createFontStore, FONT_BYTES_MAX, FONTS_MAX } from './font-store.ts'

let folder: string
let fonts: FontStore

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'saywire-fonts-')), 'fonts')
  fonts = createFontStore(folder)
})

afterEach(() => rm(folder, { recursive: true, force: true }))

/** As much of a font as the store looks at. */
function font(magic: string, text = ''): Buffer {
  return Buffer.concat([Buffer.from(magic, 'latin1'), Buffer.from(text)])
}

describe('a font store', () => {
  it('is empty before its folder exists', async () => {
    expect(await fonts.list()).toEqual([])
    expect(await fonts.read('0123456789abcdef')).toBeUndefined()
  })

  it.each([
    ['WOFF2', 'wOF2', 'font/woff2'],
    ['OpenType', 'OTTO', 'font/otf'],
    ['TrueType', '\0\u0001\0\0', 'font/ttf'],
    ['TrueType of a Mac', 'true', 'font/ttf'],
  ])('takes a %s file by what it begins with', async (_what, magic, contentType) => {
    const body = font(magic, 'letters')
    const { id } = await fonts.add('anything.exe', body)
    expect(await fonts.read(id)).toEqual({ contentType, body })
  })

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['a page', Buffer.from('<html>')],
    ['a WOFF of the first kind', font('wOFF')],
    ['a collection', font('ttcf')],
    ['more than it wants', Buffer.concat([font('wOF2'), Buffer.alloc(FONT_BYTES_MAX)])],
  ])('refuses %s in one sentence', async (_what, bytes) => {
    await expect(fonts.add('font.woff2', bytes)).rejects.toMatchObject({
      code: 'font_refused',
      message: expect.stringMatching(/^[^.]+: choose [^.]+\.$/),
    })
    expect(await fonts.list()).toEqual([])
  })

  it.each([
    ['Comic Neue.ttf', 'Comic Neue'],
    ['../../etc/passwd.otf', 'etc passwd'],
    ['a:b*c?.woff2', 'a b c'],
    ['…', 'Font'],
    ['ñandú 字体.ttf', 'ñandú 字体'],
    [`${'long '.repeat(50)}.ttf`, 'long long long long long long'],
  ])('calls %j %j, and keeps it in its folder', async (fileName, name) => {
    const added = await fonts.add(fileName, font('wOF2', fileName))
    expect(await fonts.list()).toEqual([{ id: added.id, name }])
    expect(await readdir(folder)).toEqual([`${added.id} ${name}.woff2`])
  })

  it('keeps the same file once, under its first name', async () => {
    const first = await fonts.add('one.woff2', font('wOF2'))
    expect(await fonts.add('two.woff2', font('wOF2'))).toEqual(first)
    expect(await fonts.list()).toEqual([first])
  })

  it('forgets a font that is removed, also twice', async () => {
    const { id } = await fonts.add('one.woff2', font('wOF2'))
    await fonts.remove(id)
    await fonts.remove(id)
    expect(await fonts.list()).toEqual([])
    expect(await fonts.read(id)).toBeUndefined()
  })

  it('serves nothing that somebody else put into its folder', async () => {
    await fonts.add('one.woff2', font('wOF2'))
    await writeFile(join(folder, '0123456789abcdef evil.woff2'), '<script>')
    await writeFile(join(folder, 'secret.txt'), 'wOF2')
    expect(await fonts.read('0123456789abcdef')).toBeUndefined()
    expect(await fonts.read('../secret.txt')).toBeUndefined()
  })

  it('has an end', async () => {
    for (let n = 0; n < FONTS_MAX; n += 1) await fonts.add('x.woff2', font('wOF2', `${n}`))
    await expect(fonts.add('x.woff2', font('wOF2', 'more'))).rejects.toThrow('remove one')
  })
})
