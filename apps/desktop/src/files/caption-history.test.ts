import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { emptyTranscript } from '@saywire/speech'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createCaptionFiles } from './caption-files.ts'
import { renderTranscript } from './caption-formats.ts'
import { createCaptionHistory } from './caption-history.ts'
import { finalOf } from './testing/final-of.ts'
import { parseVtt } from './testing/parse-subtitles.ts'

let root = ''
let folder = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'saywire-history-'))
  folder = join(root, 'history')
})
afterEach(async () => rm(root, { recursive: true }))

/** A session as it is written live; returns its id. */
async function session(title: string, startedAt: string, ...said: string[]): Promise<string> {
  const files = createCaptionFiles({
    folder: join(root, 'user'),
    historyFolder: folder,
    formats: ['srt'],
    title,
    startedAt: new Date(startedAt),
    engine: () => 'fake',
    language: 'en',
    timestamps: false,
    onNotice: ({ message }) => expect.fail(message),
  })
  for (const [index, text] of said.entries()) {
    files.onEvent(finalOf(text, index * 5000), emptyTranscript)
  }
  await files.close()
  return files.historyId
}

describe('createCaptionHistory', () => {
  it('lists sessions, the newest first, with what is known of them', async () => {
    const history = createCaptionHistory({ folder })
    expect(await history.list()).toEqual([])
    const old = await session('Old', '2026-11-20T20:00:00Z', 'Hello there.', 'Good bye.')
    const young = await session('Young', '2026-11-21T20:00:00Z', 'Hello again.')
    const list = await history.list()
    expect(list.map(({ id }) => id)).toEqual([young, old])
    expect(list[1]).toMatchObject({
      title: 'Old',
      startedAtMs: Date.parse('2026-11-20T20:00:00Z'),
      durationMs: 5600,
      words: 4,
      engine: 'fake',
      language: 'en',
    })
    expect(list[1]?.files[0]).toMatch(/Old\.srt$/)
    expect((await stat(list[1]?.files[0] ?? '')).isFile()).toBe(true)
  })

  it('keeps the session also where the user wants no files', async () => {
    const files = createCaptionFiles({
      folder: join(root, 'user'),
      historyFolder: folder,
      formats: [],
      title: '',
      startedAt: new Date(),
      engine: () => 'fake',
      language: 'en',
      timestamps: false,
      onNotice: ({ message }) => expect.fail(message),
    })
    files.onEvent(finalOf('Hello.', 0), emptyTranscript)
    await files.close()
    expect(await readdir(root)).toEqual(['history'])
    expect(await createCaptionHistory({ folder }).list()).toMatchObject([{ words: 1, files: [] }])
  })

  it.each([
    ['case and accents', 'FIANCEE', 'fiancée'],
    ['accents of the query', 'ça', 'ca'],
    ['a phrase over two captions', 'there. this is', 'there. This is'],
    ['another alphabet', '字幕', '字幕'],
  ])('finds words whatever %s', async (_what, query, match) => {
    await session('First', '2026-11-20T20:00:00Z', 'Nothing of it.')
    const id = await session(
      'Second',
      '2026-11-21T20:00:00Z',
      'She’s my fiancée there.',
      'This is 字幕, ca va?',
    )
    const found = await createCaptionHistory({ folder }).search(query)
    expect(found.map((entry) => entry.id)).toEqual([id])
    expect(found[0]?.snippet?.match).toBe(match)
    const { before = '', after = '' } = found[0]?.snippet ?? {}
    expect(before + match + after).toBe('She’s my fiancée there. This is 字幕, ca va?')
  })

  it('finds titles, says when it was said, and nothing for an empty query', async () => {
    await session('Big reveal', '2026-11-20T20:00:00Z', 'One.', 'Two.')
    const history = createCaptionHistory({ folder })
    expect(await history.search('reveal')).toMatchObject([
      { title: 'Big reveal', snippet: undefined },
    ])
    expect(await history.search('two')).toMatchObject([{ snippet: { atMs: 5000 } }])
    expect(await history.search('  ')).toEqual([])
    expect(await history.search('absent')).toEqual([])
  })

  it('exports any format, also one that was not written live', async () => {
    const id = await session('Talk', '2026-11-20T20:00:00Z', 'Hello & welcome.')
    const path = join(root, 'talk.vtt')
    await writeFile(path, 'an older export')
    await createCaptionHistory({ folder }).export(id, 'vtt', path)
    expect(parseVtt(await readFile(path, 'utf8'))).toMatchObject([{ lines: ['Hello & welcome.'] }])
    await createCaptionHistory({ folder }).export(id, 'json', path)
    expect(await readFile(path, 'utf8')).not.toContain(root)
  })

  it('renames and removes, and leaves the user’s own files alone', async () => {
    const id = await session('Talk', '2026-11-20T20:00:00Z', 'Hello.')
    const trashed: string[] = []
    const history = createCaptionHistory({
      folder,
      trash: async (path) => {
        trashed.push(path)
        await rm(path)
      },
    })
    await history.rename(id, 'A "better" name')
    expect(await history.list()).toMatchObject([{ id, title: 'A "better" name', words: 1 }])
    await history.remove(id)
    expect(trashed).toEqual([join(folder, `${id}.json`)])
    expect(await readdir(join(folder, 'texts'))).toEqual([])
    expect(await history.list()).toEqual([])
    expect(await readdir(join(root, 'user'))).toHaveLength(1)
  })

  it('does not change a session that is being written', async () => {
    const id = await session('Live', '2026-11-20T20:00:00Z', 'Hello.')
    const history = createCaptionHistory({ folder, isLive: (live) => live === id })
    await expect(history.rename(id, 'x')).rejects.toMatchObject({ code: 'in_use' })
    await expect(history.remove(id)).rejects.toMatchObject({ code: 'in_use' })
    expect(await history.read(id)).toMatchObject({ title: 'Live' })
  })

  it.each(['../secrets', '/etc/passwd', 'index', '20261120-200000-abcdef/../../x', ''])(
    'takes no path for an id: %s',
    async (id) => {
      await session('Talk', '2026-11-20T20:00:00Z', 'Hello.')
      await writeFile(join(root, 'secrets.json'), '{}')
      const history = createCaptionHistory({ folder })
      for (const call of [history.read(id), history.remove(id), history.rename(id, 'x')]) {
        await expect(call).rejects.toMatchObject({ code: 'not_found' })
      }
      const target = join(root, 'out.txt')
      await expect(history.export(id, 'txt', target)).rejects.toMatchObject({ code: 'not_found' })
      expect(await readdir(root)).toEqual(['history', 'secrets.json', 'user'])
    },
  )

  it('passes over what it cannot read, and says so where it is asked for it', async () => {
    const good = await session('Good', '2026-11-20T20:00:00Z', 'Hello.')
    const bad = '20261121-200000-abcdef'
    await writeFile(join(folder, `${bad}.json`), 'not a document')
    await writeFile(join(folder, 'index.json'), 'not an index')
    const history = createCaptionHistory({ folder })
    expect((await history.list()).map(({ id }) => id)).toEqual([good])
    await expect(history.read(bad)).rejects.toMatchObject({ code: 'unreadable' })
  })

  it('reads each of many sessions once: a list again needs none of them', async () => {
    await mkdir(folder, { recursive: true })
    const facts = { startedAt: new Date(), engine: 'fake', language: 'en', files: [] }
    for (let index = 0; index < 300; index += 1) {
      const title = `Session ${index}`
      const text = renderTranscript(
        [finalOf('Hello.', 0)],
        'json',
        { ...facts, title },
        { timestamps: false },
      )
      await writeFile(
        join(folder, `20261120-200000-${index.toString(16).padStart(6, '0')}.json`),
        text,
      )
    }
    expect(await createCaptionHistory({ folder }).list()).toHaveLength(300)
    // The index alone knows this title: it is shown only if the session itself is not read.
    const indexFile = join(folder, 'index.json')
    const index = await readFile(indexFile, 'utf8')
    await writeFile(indexFile, index.replace('Session 7"', 'From the index"'))
    const again = createCaptionHistory({ folder })
    expect((await again.list()).filter(({ title }) => title === 'From the index')).toHaveLength(1)

    const changed = join(folder, '20261120-200000-000007.json')
    const text = (await readFile(changed, 'utf8')).replace('Session 7', 'Session 7 renamed')
    await writeFile(changed, text)
    expect((await again.list()).map(({ title }) => title)).toContain('Session 7 renamed')
  })
})
