import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { serveBadly } from '../testing/bad-file-server.ts'
import { DownloadError } from './download.ts'
import { ensureModelFile } from './ensure-model.ts'
import type { ModelFile } from './model-catalogue.ts'
import type { Conversion } from './model-source.ts'
import { convertedSource, fileSource, folderSource, urlSource } from './model-source.ts'

const RAW = Buffer.from('what it is made of')
const MADE = Buffer.from('WHAT IT IS MADE OF')

function fileOf(name: string, content: Buffer): ModelFile {
  const sha256 = createHash('sha256').update(content).digest('hex')
  return { name, file: `${name}.bin`, sizeBytes: content.length, sha256 }
}
const raw = fileOf('raw', RAW)
const made = fileOf('made', MADE)

/** In capitals; small letters are all that there may be. */
const toCapitals: Conversion = {
  of: ({ name }) => (name === made.name ? raw : undefined),
  async convert(from, to, { onProgress }) {
    const text = await readFile(from, 'latin1')
    if (!/^[a-z ]*$/.test(text)) throw new DownloadError('it is no text', false)
    await writeFile(to, text.toUpperCase())
    onProgress(text.length, undefined)
  },
}

let modelsDir: string
beforeEach(async () => {
  modelsDir = await mkdtemp(join(tmpdir(), 'saywire-converted-'))
})
afterEach(async () => rm(modelsDir, { recursive: true }))

/** What is there, but for the notes of what was verified. */
const files = async () =>
  (await readdir(modelsDir)).filter((file) => !file.endsWith('.verified')).toSorted()

describe('a model that is made of another', () => {
  it('is made of what is on this machine, which stays', async () => {
    await writeFile(join(modelsDir, raw.file), RAW)
    const source = convertedSource(folderSource(modelsDir), toCapitals)
    expect([source.offers(made), await source.has(made), source.offers(raw)]).toEqual([
      true,
      true,
      false,
    ])
    await ensureModelFile(made, { modelsDir, sources: [source] })
    expect(await readFile(join(modelsDir, made.file))).toEqual(MADE)
    expect(await files()).toEqual(['made.bin', 'raw.bin'])
  })

  it.each([
    ['damaged', Buffer.from('what it was made of')],
    ['cut short', RAW.subarray(4)],
  ])('comes from the next source where that is %s', async (_what, damaged) => {
    await writeFile(join(modelsDir, raw.file), damaged)
    await using server = await serveBadly(MADE)
    const sources = [
      convertedSource(folderSource(modelsDir), toCapitals),
      urlSource('a server', { [made.name]: server.url }),
    ]
    const notices: string[] = []
    await ensureModelFile(made, { modelsDir, sources, onNotice: (one) => notices.push(one) })
    expect(await readFile(join(modelsDir, made.file))).toEqual(MADE)
    expect(notices).toEqual([expect.stringContaining('its raw is corrupt')])
  })

  it('is made of a download, which goes, although it was cut', async () => {
    await using server = await serveBadly(RAW, [{ kind: 'cut', afterBytes: 5 }])
    const source = convertedSource(urlSource('a server', { [raw.name]: server.url }), toCapitals)
    await ensureModelFile(made, { modelsDir, sources: [source] })
    expect(await files()).toEqual(['made.bin'])
  })

  it('is not made of something else, of which nothing is left', async () => {
    await using server = await serveBadly(Buffer.from('<html>Log in to this network</html>'))
    const source = convertedSource(urlSource('a server', { [raw.name]: server.url }), toCapitals)
    await expect(ensureModelFile(made, { modelsDir, sources: [source] })).rejects.toMatchObject({
      code: 'model_unavailable',
      message: expect.stringContaining('it is no text') as string,
    })
    expect(await files()).toEqual([])
  })

  it('may be given as a copy, itself or what it is made of', async () => {
    const copy = join(modelsDir, 'copy')
    const sources = [
      fileSource(copy, made.name),
      convertedSource(fileSource(copy, raw.name), toCapitals),
    ]
    await expect(ensureModelFile(made, { modelsDir, sources })).rejects.toMatchObject({
      message: expect.stringContaining('it is not there') as string,
    })
    for (const content of [MADE, RAW]) {
      await writeFile(copy, content)
      await rm(join(modelsDir, made.file), { force: true })
      await ensureModelFile(made, { modelsDir, sources })
      expect(await readFile(join(modelsDir, made.file))).toEqual(MADE)
    }
  })
})
