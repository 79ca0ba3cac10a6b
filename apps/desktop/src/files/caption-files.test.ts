import { mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { emptyTranscript } from '@saywire/speech'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { RecordingSpan } from './caption.ts'
import type { CaptionFiles, CaptionFilesOptions } from './caption-files.ts'
import { createCaptionFiles } from './caption-files.ts'
import type { CaptionFilesNotice } from './caption-files-notice.ts'
import { finalOf } from './testing/final-of.ts'
import { parseSrt } from './testing/parse-subtitles.ts'
import { canMount, mountTinyDisk } from './testing/tiny-disk.ts'

const patience = { timeout: 20_000, interval: 20 }
let root = ''
let notices: CaptionFilesNotice[] = []
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'saywire-files-'))
  notices = []
})
afterEach(async () => rm(root, { recursive: true }))

function filesIn(folder: string, options: Partial<CaptionFilesOptions> = {}): CaptionFiles {
  return createCaptionFiles({
    folder,
    formats: ['txt', 'srt', 'json'],
    title: 'My stream',
    startedAt: new Date(2026, 10, 21, 20, 15),
    engine: () => 'whisper base.en',
    language: 'en',
    timestamps: false,
    onNotice: (notice) => notices.push(notice),
    retryMs: 50,
    ...options,
  })
}
const say = (files: CaptionFiles, text: string, startMs: number) =>
  files.onEvent(finalOf(text, startMs), emptyTranscript)
const codes = () => notices.map(({ code }) => code)
const textsOf = async (path: string) =>
  (JSON.parse(await readFile(path, 'utf8')) as { captions: { text: string }[] }).captions.map(
    ({ text }) => text,
  )

describe('createCaptionFiles', () => {
  it('writes each final when it comes, in every format, and no file before the first', async () => {
    const files = filesIn(join(root, 'new', 'folder'))
    files.onEvent({ type: 'usage', audioMs: 1000 }, emptyTranscript)
    files.onEvent({ ...finalOf('x', 0), text: '' }, emptyTranscript)
    expect(files.paths).toEqual([])

    say(files, 'Hello there.', 1000)
    await vi.waitFor(() => expect(files.paths.length).toBe(3), patience)
    expect(files.paths.map((path) => basename(path))).toEqual([
      '2026-11-21 20-15 My stream.txt',
      '2026-11-21 20-15 My stream.srt',
      '2026-11-21 20-15 My stream.json',
    ])
    const [txt = '', srt = '', json = ''] = files.paths
    expect(await readFile(txt, 'utf8')).toBe('Hello there.\n')
    say(files, 'Second.', 3000)
    await vi.waitFor(async () => {
      expect(await readFile(txt, 'utf8')).toBe('Hello there.\nSecond.\n')
      expect(parseSrt(await readFile(srt, 'utf8'))).toHaveLength(2)
      expect(await textsOf(json)).toEqual(['Hello there.', 'Second.'])
    }, patience)
    await files.close()
    expect(notices).toEqual([])
    expect(await readdir(join(root, 'new', 'folder'))).toHaveLength(3)
  })

  it('overwrites nothing: sessions of the same minute have numbers, alike for all formats', async () => {
    await writeFile(join(root, '2026-11-21 20-15 My stream.srt'), 'mine')
    for (const name of ['2026-11-21 20-15 My stream (2)', '2026-11-21 20-15 My stream (3)']) {
      const files = filesIn(root, { formats: ['txt', 'srt'] })
      say(files, 'Hello.', 0)
      await files.close()
      expect(files.paths).toEqual([join(root, `${name}.txt`), join(root, `${name}.srt`)])
    }
    expect(await readFile(join(root, '2026-11-21 20-15 My stream.srt'), 'utf8')).toBe('mine')
  })

  it('clears away what a killed program left half written, and nothing else', async () => {
    const [left, busy, mine] = ['a.json.1.saywire-part', 'b.json.2.saywire-part', 'c.json.tmp']
    for (const name of [left, busy, mine]) await writeFile(join(root, name), '{')
    for (const name of [left, mine]) await utimes(join(root, name), 0, 0)
    const files = filesIn(root, { formats: ['srt'] })
    say(files, 'Hello.', 0)
    await files.close()
    expect((await readdir(root)).toSorted().slice(1)).toEqual([busy, mine])
  })

  it('keeps a JSON document whole while it grows over many pages', async () => {
    const files = filesIn(root, { formats: ['json'] })
    const said = Array.from({ length: 120 }, (_, index) =>
      `Line ${index} ${'ä 🎮 '.repeat(index)}`.trim(),
    )
    for (const [index, text] of said.entries()) {
      say(files, text, index * 1000)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    await files.close()
    expect(await textsOf(files.paths[0]!)).toEqual(said)
    expect(await readdir(root)).toHaveLength(1)
  })

  it('gives each recording of OBS files of its own, with times from its start', async () => {
    const recordings: RecordingSpan[] = []
    const files = filesIn(root, { formats: ['srt'], recordings: () => recordings })
    say(files, 'Before it.', 1000)
    recordings.push({ startMs: 300_000 })
    say(files, 'In the first.', 302_000)
    // The recording stopped before the engine had the last words said in it.
    recordings[0] = { startMs: 300_000, endMs: 310_000 }
    say(files, 'Its last words.', 308_000)
    say(files, 'Between them.', 320_000)
    recordings.push({ startMs: 600_000 })
    say(files, 'In the second.', 600_500)
    await files.close()

    const cues = await Promise.all(
      files.paths.map(async (path) =>
        parseSrt(await readFile(path, 'utf8')).map((cue) => [cue.startMs, cue.lines.join()]),
      ),
    )
    expect(files.paths.map((path) => basename(path))).toEqual([
      '2026-11-21 20-15 My stream.srt',
      '2026-11-21 20-20 My stream recording.srt',
      '2026-11-21 20-25 My stream recording.srt',
    ])
    expect(cues[0]).toHaveLength(5)
    expect(cues.slice(1)).toEqual([
      [
        [2000, 'In the first.'],
        [8000, 'Its last words.'],
      ],
      [[500, 'In the second.']],
    ])
  })
})

describe('when the disk refuses', () => {
  it('waits for a folder that is not there, says so once, and then misses nothing', async () => {
    const folder = join(root, 'stick')
    await writeFile(folder, 'a file where the folder should be')
    const files = filesIn(folder, { formats: ['srt'] })
    say(files, 'One.', 0)
    await vi.waitFor(() => expect(codes()).toHaveLength(1), patience)
    say(files, 'Two.', 2000)
    await rm(folder)
    await vi.waitFor(() => expect(codes()).toEqual(['folder_missing', 'writing_again']), patience)
    await files.close()
    expect(parseSrt(await readFile(files.paths[0]!, 'utf8'))).toHaveLength(2)
  })

  it('writes a whole new file where somebody took the file away or replaced it', async () => {
    const files = filesIn(root, { formats: ['srt'] })
    say(files, 'One.', 0)
    await vi.waitFor(() => expect(files.paths).toHaveLength(1), patience)
    const first = files.paths[0]!
    await rename(first, join(root, 'moved.srt'))
    say(files, 'Two.', 2000)
    await vi.waitFor(
      async () => expect(parseSrt(await readFile(first, 'utf8'))).toHaveLength(2),
      patience,
    )

    // An editor that saves makes a new file under the name.
    await writeFile(join(root, 'edited.srt'), 'corrected by hand')
    await rename(join(root, 'edited.srt'), first)
    say(files, 'Three.', 4000)
    await files.close()
    expect(await readFile(first, 'utf8')).toBe('corrected by hand')
    expect(basename(files.paths[0]!)).toBe('2026-11-21 20-15 My stream (2).srt')
    expect(parseSrt(await readFile(files.paths[0]!, 'utf8'))).toHaveLength(3)
  })

  it('ends the session in time when the folder never comes', async () => {
    await writeFile(join(root, 'stick'), '')
    const files = filesIn(join(root, 'stick'))
    say(files, 'One.', 0)
    await files.close()
    expect(codes()).toEqual(['folder_missing'])
    expect(files.paths).toEqual([])
  })

  it.skipIf(!canMount())(
    'goes on over a full disk with whole files, and misses nothing',
    async () => {
      using disk = mountTinyDisk()
      const ballast = join(disk.path, 'ballast')
      const files = filesIn(disk.path, { formats: ['srt', 'json'] })
      say(files, 'Line 0.', 0)
      await vi.waitFor(() => expect(files.paths).toHaveLength(2), patience)
      await writeFile(ballast, Buffer.alloc(40_000)).catch(() => undefined)

      let number = 0
      while (!codes().includes('disk_full')) {
        number += 1
        say(files, `Line ${number} ${'and more of it '.repeat(20)}.`, number * 60_000)
        await new Promise((resolve) => setTimeout(resolve, 5))
        expect((await textsOf(files.paths[1]!)).length).toBeGreaterThan(0)
      }
      for (let more = 0; more < 10; more += 1)
        say(files, 'Meanwhile.', (number + 1 + more) * 60_000)
      expect(parseSrt(await readFile(files.paths[0]!, 'utf8')).length).toBeGreaterThan(0)
      expect(codes()).toEqual(['disk_full'])

      await rm(ballast)
      await vi.waitFor(() => expect(codes()).toEqual(['disk_full', 'writing_again']), patience)
      await files.close()
      expect(await textsOf(files.paths[1]!)).toHaveLength(number + 11)
      const shown = parseSrt(await readFile(files.paths[0]!, 'utf8')).flatMap(({ lines }) => lines)
      expect(shown.filter((line) => line === 'Meanwhile.')).toHaveLength(10)
    },
  )

  it.skipIf(!canMount())('says that it may not write', async () => {
    using disk = mountTinyDisk()
    disk.setReadOnly(true)
    const files = filesIn(disk.path, { formats: ['txt'] })
    say(files, 'One.', 0)
    await vi.waitFor(() => expect(codes()).toEqual(['no_permission']), patience)
    disk.setReadOnly(false)
    await vi.waitFor(() => expect(codes()).toEqual(['no_permission', 'writing_again']), patience)
    await files.close()
    expect(await readFile(files.paths[0]!, 'utf8')).toBe('One.\n')
  })
})
