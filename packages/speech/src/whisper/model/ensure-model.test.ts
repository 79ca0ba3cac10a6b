import { createHash, randomBytes } from 'node:crypto'
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { serveBadly } from '../testing/bad-file-server.ts'
import { prepareVoiceModel } from '../testing/prepare-voice-model.ts'
import { prepareWhisper } from '../testing/prepare-whisper.ts'
import type { ModelProgress } from './ensure-model.ts'
import { ensureModel, ensureModelFile } from './ensure-model.ts'
import type { ModelFile } from './model-catalogue.ts'
import { DEFAULT_MODEL, modelCatalogue } from './model-catalogue.ts'
import { fileSource, hubSource, urlSource } from './model-source.ts'
import { isModelPresent } from './verified-model.ts'
import { findVoiceModel, voiceModel } from './voice-model.ts'

const content = randomBytes(200_000)
const model: ModelFile = {
  name: 'small-test',
  file: 'ggml-small test.bin',
  sizeBytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
}
const whisper = await prepareWhisper()
const voice = await prepareVoiceModel()
const hasRealModels = whisper.missing === undefined && voice.missing === undefined
let modelsDir: string

beforeEach(async () => {
  modelsDir = join(await mkdtemp(join(tmpdir(), 'saywire models ')), 'new folder')
})

/** Nobody listens there. */
async function deadSource() {
  const server = await serveBadly(content)
  await server[Symbol.asyncDispose]()
  return hubSource(server.url)
}

describe('a model', () => {
  it('is fetched from the first source that has it, and the source is named', async () => {
    await using server = await serveBadly(content)
    const progress: ModelProgress[] = []
    const notices: string[] = []
    const { path } = await ensureModelFile(model, {
      modelsDir,
      sources: [await deadSource(), hubSource(server.url)],
      onProgress: (one) => progress.push(one),
      onNotice: (sentence) => notices.push(sentence),
    })
    expect(content.equals(await readFile(path))).toBe(true)
    expect(progress.at(-1)).toEqual({
      receivedBytes: content.length,
      totalBytes: content.length,
      source: new URL(server.url).host,
    })
    expect(notices).toEqual([expect.stringContaining('ECONNREFUSED')])
    expect((await readdir(modelsDir)).toSorted()).toEqual([model.file, `${model.file}.verified`])
  })

  it('that is there is not fetched again', async () => {
    await using server = await serveBadly(content)
    const options = { modelsDir, sources: [hubSource(server.url)] }
    await ensureModelFile(model, options)
    await ensureModelFile(model, options)
    expect(server.ranges).toHaveLength(1)
  })

  it('is never what a source sent in its place', async () => {
    await using bad = await serveBadly(content, [{ kind: 'corrupt' }, { kind: 'corrupt' }])
    await using good = await serveBadly(content)
    const sources = [hubSource(bad.url), hubSource(good.url)]
    const { path } = await ensureModelFile(model, { modelsDir, sources })
    expect(content.equals(await readFile(path))).toBe(true)
    expect(good.ranges).toEqual([''])
  })

  it('is fetched whole where the part left by an earlier attempt was damaged', async () => {
    await using server = await serveBadly(content)
    const options = { modelsDir, sources: [hubSource(server.url)] }
    const { path } = await ensureModelFile(model, options)
    await writeFile(`${path}.part`, randomBytes(1000))
    await writeFile(path, 'broken')
    await ensureModelFile(model, options)
    expect(content.equals(await readFile(path))).toBe(true)
    expect(server.ranges).toEqual(['', 'bytes=1000-', ''])
  })

  it('that is damaged on the disk is set aside, said so, and fetched again', async () => {
    await using server = await serveBadly(content)
    const notices: string[] = []
    const options = {
      modelsDir,
      sources: [hubSource(server.url)],
      onNotice: (sentence: string) => notices.push(sentence),
    }
    const { path } = await ensureModelFile(model, options)
    const { mtime } = await stat(path)
    await writeFile(path, randomBytes(content.length))
    await utimes(path, mtime, new Date(mtime.getTime() + 10_000))
    await ensureModelFile(model, options)
    expect(content.equals(await readFile(path))).toBe(true)
    expect(notices).toEqual([expect.stringContaining('damaged')])
    expect(await readdir(modelsDir)).toContain(`${model.file}.corrupt`)
  })

  it('is fetched once where two ask for it at the same time, and both are told', async () => {
    await using server = await serveBadly(content, [{ kind: 'cut', afterBytes: 1000 }])
    const sources: string[] = []
    const options = {
      modelsDir,
      sources: [hubSource(server.url)],
      onProgress: (progress: ModelProgress) => sources.push(progress.source),
    }
    const [a, b] = await Promise.all([
      ensureModelFile(model, options),
      ensureModelFile(model, options),
    ])
    expect(a).toEqual(b)
    // One download: the cut one, gone on with.
    expect(server.ranges).toHaveLength(2)
    expect(sources).toContain('another process')
  })

  it('can come from a file on this machine', async () => {
    const copy = join(await mkdtemp(join(tmpdir(), 'saywire-copy-')), 'copy.bin')
    await writeFile(copy, content)
    const sources = [await deadSource(), fileSource(copy, model.name)]
    const { path } = await ensureModelFile(model, { modelsDir, sources })
    expect(content.equals(await readFile(path))).toBe(true)
  })

  it('that no source has ends in one sentence with all reasons and what to do', async () => {
    await using server = await serveBadly(content, [{ kind: 'status', status: 404 }])
    const sources = [await deadSource(), hubSource(server.url)]
    await expect(ensureModelFile(model, { modelsDir, sources })).rejects.toMatchObject({
      code: 'model_unavailable',
      message: expect.stringMatching(/ECONNREFUSED.*404.*check the network/) as string,
    })
  })

  it('that cannot be written says where, and how to choose another folder', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'saywire-file-')), 'a file')
    await writeFile(file, '')
    await expect(ensureModelFile(model, { modelsDir: file })).rejects.toMatchObject({
      code: 'model_unavailable',
      message: expect.stringContaining('SAYWIRE_MODELS_DIR') as string,
    })
  })

  it.skipIf(!hasRealModels)(
    'brings the voice model along, and does without where it must',
    async () => {
      await mkdir(modelsDir, { recursive: true })
      const file = join(modelsDir, `ggml-${DEFAULT_MODEL}.bin`)
      await symlink(whisper.modelPath ?? '', file)
      await expect(
        ensureModel({ name: DEFAULT_MODEL, modelsDir, sources: [await deadSource()] }),
      ).resolves.toEqual({ path: file })
      expect(await findVoiceModel(modelsDir)).toBeUndefined()
      await using server = await serveBadly(await readFile(voice.path ?? ''))
      const sources = [urlSource('a server', { [voiceModel.name]: server.url })]
      await ensureModel({ name: DEFAULT_MODEL, modelsDir, sources })
      expect(await findVoiceModel(modelsDir)).toBe(join(modelsDir, voiceModel.file))
    },
  )

  it('is only known by a name of the catalogue', async () => {
    await expect(ensureModel({ name: '../secret', modelsDir })).rejects.toMatchObject({
      code: 'bad_config',
    })
    await expect(isModelPresent({ name: 'base.en', modelsDir })).resolves.toBe(false)
    for (const { sha256 } of modelCatalogue.flatMap((one) => one.files)) {
      expect(sha256).toMatch(/^[0-9a-f]{64}$/)
    }
  })
})
