import { once } from 'node:events'
import { createReadStream, existsSync } from 'node:fs'
import { cp, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SpeechError } from '@saywire/speech'
import type { WhisperLibrary } from '@saywire/speech/whisper'
import { DEFAULT_MODEL, fileSource, hubSource } from '@saywire/speech/whisper'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ModelView } from '../api/desktop-state.ts'
import { readEnv } from '../env.ts'
import type { LocalModel } from './local-model.ts'
import { createLocalModel } from './local-model.ts'
import type { RememberedMachine } from './machine-figures.ts'

const SOON = { timeout: 60_000, interval: 20 }
const { modelsDir, nativeDir } = readEnv()
/** The model that is on this machine for the tests of Whisper. */
const MODEL_FILE = join(modelsDir, `ggml-${DEFAULT_MODEL}.bin`)

/** A machine that keeps up with small models, in any weights, and has memory for all. */
const SPEED = { encoderGflops: 400, decoderGbps: 60 }
const FIGURES = {
  measure: { f16: SPEED, q8_0: SPEED, q5_1: SPEED, q5_0: SPEED, stepMicros: 10 },
  memoryBytes: 4e9,
}

/** Nothing has to be built. */
const SHIPPED = { kind: 'shipped', path: '/app/whisper.node' } as const

/** A model hub that stops in the middle of a file until it is told to go on. */
async function startHub(stopAfterBytes: number) {
  const size = (await stat(MODEL_FILE)).size
  const starts: number[] = []
  let isHalting = true
  const server: Server = createServer((request, response) => {
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
    starts.push(from)
    response.writeHead(from > 0 ? 206 : 200, {
      'content-length': size - from,
      ...(from > 0 && { 'content-range': `bytes ${from}-${size - 1}/${size}` }),
    })
    const end = isHalting ? { end: stopAfterBytes - 1 } : {}
    createReadStream(MODEL_FILE, { start: from, ...end }).pipe(response, { end: !isHalting })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Where each request began in the file. */
    starts,
    goOn: () => (isHalting = false),
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

describe('the local model', { timeout: 120_000 }, () => {
  let folder = ''
  let views: ModelView[] = []
  let notices: string[] = []
  let language = 'en'
  let translate = false
  const now = () => views.at(-1)
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saywire-models-'))
    views = []
    notices = []
    language = 'en'
    translate = false
  })
  afterEach(async () => rm(folder, { recursive: true }))

  /** A machine that is measured in no time, and never was before. */
  const known: RememberedMachine = {
    recall: async () => undefined,
    measure: async () => FIGURES,
  }
  const create = (
    source = fileSource(MODEL_FILE, DEFAULT_MODEL),
    machine: RememberedMachine = known,
    library?: WhisperLibrary,
  ): LocalModel =>
    createLocalModel({
      machine,
      ...(library && { library }),
      wanted: () => ({ language, translate }),
      env: { modelsDir: folder, nativeDir, modelFile: undefined },
      publish: (view) => views.push(view),
      onNotice: (sentence) => notices.push(sentence),
      sources: () => [source],
    })

  it('shows how far it is, stops when told to, and goes on where it stopped', async () => {
    const hub = await startHub(2_000_000)
    const model = create(hubSource(hub.url))
    await model.choose(DEFAULT_MODEL)
    expect(now()?.status).toBe('missing')
    const cancelled = Promise.all([model.fetch(DEFAULT_MODEL), model.fetch(DEFAULT_MODEL)])
    await expect.poll(() => now()?.receivedBytes, SOON).toBeGreaterThan(1_000_000)
    expect(now()).toMatchObject({ status: 'fetching', totalBytes: 81_781_811 })
    model.cancel()
    await cancelled
    expect(now()?.status).toBe('missing')
    expect(now()?.receivedBytes).toBeGreaterThan(1_000_000)
    hub.goOn()
    await model.fetch(DEFAULT_MODEL)
    expect(now()?.status).toBe('ready')
    expect(hub.starts).toHaveLength(2)
    expect(hub.starts[1]).toBeGreaterThan(1_000_000)
    hub.close()
  })

  it('is fetched once, however often that is asked for at the same time', async () => {
    const hub = await startHub(0)
    hub.goOn()
    const model = create(hubSource(hub.url))
    await model.choose(DEFAULT_MODEL)
    await Promise.all([model.fetch(DEFAULT_MODEL), model.fetch(DEFAULT_MODEL)])
    expect(hub.starts).toEqual([0])
    hub.close()
  })

  it('can be removed, with all that belongs to it', async () => {
    const model = create()
    await model.choose(DEFAULT_MODEL)
    await model.fetch(DEFAULT_MODEL)
    expect(now()?.catalogue.find(({ name }) => name === DEFAULT_MODEL)?.isPresent).toBe(true)
    await model.remove(DEFAULT_MODEL)
    expect(now()?.status).toBe('missing')
    expect(await readdir(folder)).toEqual([])
  })

  const moonshine = join(modelsDir, 'moonshine-base')
  it.skipIf(!existsSync(moonshine))('may have several files, which go together', async () => {
    await cp(moonshine, join(folder, 'moonshine-base'), { recursive: true })
    const model = create()
    await model.choose('moonshine-base')
    expect(now()).toMatchObject({ status: 'ready', name: 'moonshine-base' })
    await rm(join(folder, 'moonshine-base', 'tokens.txt'))
    await model.choose('moonshine-base')
    expect(now()).toMatchObject({ status: 'missing', receivedBytes: 20_513_063 + 42_498_870 })
    await model.remove('moonshine-base')
    expect(await readdir(folder)).toEqual([])
  })

  it('says what went wrong, and what to do, once and where the fetch is shown', async () => {
    const model = create(hubSource('http://127.0.0.1:9'))
    await model.choose(DEFAULT_MODEL)
    await expect(model.fetch(DEFAULT_MODEL)).rejects.toMatchObject({ code: 'model_unavailable' })
    expect(now()).toMatchObject({
      status: 'failed',
      sentence: expect.stringContaining('try again') as string,
    })
    expect(notices).toEqual([])
  })

  it('recommends one for this computer once it was measured, and marks what would strain it', async () => {
    const model = create(undefined, known, SHIPPED)
    await model.choose(DEFAULT_MODEL)
    expect(now()?.recommended).toBeUndefined()
    expect(await model.recommend(false)).toBe(true)
    expect(views.filter(({ isMeasuring }) => isMeasuring)).not.toEqual([])
    expect(now()).toMatchObject({ isMeasuring: false, recommended: { name: 'small.en-q8_0' } })
    const strains = new Map(now()?.catalogue.map(({ name, strain }) => [name, strain]))
    expect(strains.get('small.en-q8_0')).toBeUndefined()
    expect(strains.get('medium.en-q8_0')).toBe('slow')
    // It is known now: nothing is measured until that is asked for.
    expect(await model.recommend(false)).toBe(false)
    expect(await model.recommend(true)).toBe(true)
    language = 'de'
    await model.choose(DEFAULT_MODEL)
    expect(now()?.recommended?.name).toBe('small-q8_0')
  })

  it('knows from an earlier start what is right for this computer', async () => {
    const measure = async () => Promise.reject(new Error('it measured again'))
    const model = create(undefined, { recall: async () => FIGURES, measure }, SHIPPED)
    await model.choose(DEFAULT_MODEL)
    expect(now()?.recommended?.name).toBe('small.en-q8_0')
    expect(await model.recommend(false)).toBe(false)
    expect(notices).toEqual([])
  })

  it('recommends what can translate where that is wanted', async () => {
    const kind = { encoderGflops: 10_000, decoderGbps: 1000 }
    const measure = { f16: kind, q8_0: kind, q5_1: kind, q5_0: kind, stepMicros: 1 }
    const fast = { ...known, recall: async () => ({ measure, memoryBytes: 8e9 }) }
    const model = create(undefined, fast, SHIPPED)
    language = 'de'
    await model.choose(DEFAULT_MODEL)
    expect(now()?.recommended?.name).toBe('large-v3-turbo-q8_0')
    translate = true
    await model.choose(DEFAULT_MODEL)
    expect(now()?.recommended?.name).toBe('medium-q8_0')
  })

  it('goes on without a recommendation where this computer cannot be measured', async () => {
    const failed = new SpeechError('engine_failed', 'This computer could not be measured.')
    const measure = async () => Promise.reject(failed)
    const model = create(undefined, { recall: async () => undefined, measure }, SHIPPED)
    await model.choose(DEFAULT_MODEL)
    expect(await model.recommend(false)).toBe(false)
    expect(notices).toEqual(['This computer could not be measured.'])
    expect(now()).toMatchObject({ isMeasuring: false, recommended: undefined, status: 'missing' })
    await model.fetch(DEFAULT_MODEL)
    expect(now()?.status).toBe('ready')
  })

  it('fetches what is asked for while it measures, and says what can be had', async () => {
    const model = create(undefined, known, SHIPPED)
    await model.choose(DEFAULT_MODEL)
    await Promise.all([model.recommend(false), model.fetch(DEFAULT_MODEL)])
    expect(now()).toMatchObject({ status: 'ready', recommended: { name: 'small.en-q8_0' } })
    expect(await model.canHave(DEFAULT_MODEL)).toBe(true)
    expect(await model.canHave('small.en-q8_0')).toBe(false)
    expect(await model.canHave('unheard-of')).toBe(false)
  })
})
