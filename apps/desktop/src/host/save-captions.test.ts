import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { settingsSchema } from '../settings/settings.ts'
import { createRecordingShell } from '../testing/recording-shell.ts'
import { saveCaptions } from './save-captions.ts'

describe('saving what the window shows', () => {
  let folder = ''
  const shell = createRecordingShell()
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'saywire-save-'))))
  afterEach(async () => rm(folder, { recursive: true }))

  const caption = (id: number, text: string, startMs: number) => {
    return { id, text, startMs, endMs: startMs + 1000, isFallback: false }
  }
  const save = async () =>
    saveCaptions({
      captions: [caption(1, 'first session', 5000), caption(2, 'second session', 100)],
      format: 'srt',
      settings: settingsSchema.parse({}),
      shell,
      nowMs: 0,
    })

  it('puts sessions one after another, so that times never run backwards', async () => {
    const path = join(folder, 'all.srt')
    shell.answers.push(path)
    expect(await save()).toEqual({ path })
    const starts = [...(await readFile(path, 'utf8')).matchAll(/^(\S+) -->/gm)].map(([, at]) => at)
    expect(starts).toEqual(['00:00:05,000', '00:00:06,000'])
  })

  it('writes nothing where the user changed their mind', async () => {
    expect(await save()).toEqual({ path: null })
  })

  it('says that a file cannot be written', async () => {
    shell.answers.push(join(folder, 'no', 'such', 'folder.srt'))
    await expect(save()).rejects.toMatchObject({ code: 'refused' })
  })
})
