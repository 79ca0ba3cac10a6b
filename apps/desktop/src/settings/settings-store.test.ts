import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { migrateSettings } from './migrations.ts'
import { settingsSchema } from './settings.ts'
import { openSettingsStore } from './settings-store.ts'

const defaults = settingsSchema.parse({})

describe('the settings store', { timeout: 30_000 }, () => {
  let folder = ''
  let file = ''
  let problems: string[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saywire-settings-'))
    file = join(folder, 'data', 'settings.json')
    problems = []
  })
  afterEach(async () => rm(folder, { recursive: true, force: true }))

  const open = async () =>
    openSettingsStore({
      file,
      onProblem: (sentence) => problems.push(sentence),
      now: () => Date.UTC(2026, 0, 2, 3, 4, 5),
      lockWaitMs: 2000,
    })
  const readBack = async () => JSON.parse(await readFile(file, 'utf8')) as unknown
  const asides = async () =>
    (await readdir(join(folder, 'data'))).filter((name) => name.includes('broken'))

  async function write(content: string) {
    await (await open()).close()
    await writeFile(file, content)
    return open()
  }

  it('begins with the defaults, and keeps what was changed', async () => {
    const store = await open()
    expect(store.get()).toEqual(defaults)
    store.update({ transcription: { mode: 'byok' }, overlay: { port: 9000 } })
    await store.close()
    const again = await open()
    expect(again.get().transcription).toEqual({ ...defaults.transcription, mode: 'byok' })
    expect(again.get().overlay.port).toBe(9000)
    expect(problems).toEqual([])
  })

  it('refuses what the schema does not take, and changes nothing', async () => {
    const store = await open()
    expect(() => store.update({ overlay: { port: 80 } })).toThrow(/port/)
    expect(() => store.update({ nothing: {} } as object)).toThrow(/nothing/)
    expect(() => store.update({ overlay: { colour: 'red' } } as object)).toThrow(/colour/)
    expect(() => store.update({ version: 7 } as object)).not.toThrow()
    expect(store.get()).toEqual(defaults)
    await store.close()
  })

  it('tells of a change once, before it is on the disk', async () => {
    const store = await open()
    const seen: number[] = []
    const stop = store.onChange(({ overlay }) => seen.push(overlay.port))
    store.update({ overlay: { port: 9000 } })
    store.update({ overlay: { port: 9000 } })
    stop()
    store.update({ overlay: { port: 9001 } })
    expect(seen).toEqual([9000])
    await store.close()
    expect(await readBack()).toMatchObject({ overlay: { port: 9001 } })
  })

  it('leaves the sections that did not change the objects that they were', async () => {
    const store = await open()
    const before = store.get()
    store.update({ overlay: { port: 9000 }, obs: { enabled: false } })
    expect(store.get().obs).toBe(before.obs)
    expect(store.get().words).toBe(before.words)
    expect(store.get().overlay).not.toBe(before.overlay)
    await store.close()
  })

  it('keeps the changes of two processes that write at the same time', async () => {
    const [one, two] = await Promise.all([open(), open()])
    one.update({ overlay: { port: 9000 } })
    two.update({ overlay: { port: 9000 }, transcription: { mode: 'byok' } })
    one.update({ obs: { enabled: true } })
    await Promise.all([one.close(), two.close()])
    const { obs, transcription } = settingsSchema.parse(await readBack())
    expect([obs.enabled, transcription.mode]).toEqual([true, 'byok'])
  })

  it('takes a file from before there were sections that there are now, and keeps all that it holds', async () => {
    const { continuity: _c, spendCaps: _s, recording: _r, ...before } = defaults
    const older = { ...before, transcription: { ...before.transcription, mode: 'byok' } }
    const store = await write(JSON.stringify(older))
    const { continuity, spendCaps, recording } = defaults
    expect(store.get()).toEqual({ ...older, continuity, spendCaps, recording })
    expect(spendCaps).toEqual({ sessionMinutes: null, dayMinutes: null, monthMinutes: null })
    expect(recording).toEqual({ enabled: false, withAudio: false })
    expect([problems, await asides()]).toEqual([[], []])
    store.update({ spendCaps: { dayMinutes: 60 } })
    await store.close()
    expect(await readBack()).toMatchObject({ ...older, spendCaps: { dayMinutes: 60 } })
  })

  it.each([
    ['nothing, as a crash leaves it', ''],
    ['half of it', '{"version": 1, "overlay": {"po'],
    ['no object', '[1, 2]'],
    ['a version that is no number', '{"version": "one"}'],
    ['a version without a way from it', '{"version": 0}'],
  ])('keeps a file aside that holds %s, and says where', async (_what, content) => {
    const store = await write(content)
    expect(store.get()).toEqual(defaults)
    const [aside = ''] = await asides()
    expect(aside).toBe('settings.broken-2026-01-02T03-04-05-000Z.json')
    expect(await readFile(join(folder, 'data', aside), 'utf8')).toBe(content)
    expect(problems).toEqual([expect.stringContaining(aside)])
    await store.close()
    await (await open()).close()
    expect(problems).toHaveLength(1)
  })

  it('keeps the sections that still make sense', async () => {
    const store = await write(
      JSON.stringify({ version: 1, overlay: { port: 'x' }, obs: { enabled: true }, more: 1 }),
    )
    expect(store.get()).toEqual({ ...defaults, obs: { ...defaults.obs, enabled: true } })
    expect(problems[0]).toContain('overlay')
    expect(problems[0]).not.toContain('obs')
    await store.close()
    expect(await readBack()).toMatchObject({ obs: { enabled: true } })
  })

  it('keeps the file of a newer version aside', async () => {
    const store = await write('{"version": 99, "overlay": {"port": 9000}}')
    expect(store.get()).toEqual(defaults)
    expect(problems).toEqual([expect.stringContaining('newer')])
    expect(await asides()).toHaveLength(1)
    await store.close()
  })

  it('reads a file that an editor gave a byte order mark', async () => {
    const store = await write('\uFEFF{"version":1,"overlay":{"port":9000}}\r\n')
    expect(store.get().overlay.port).toBe(9000)
    expect(problems).toEqual([])
    await store.close()
  })

  it.skipIf(process.platform === 'win32').each([
    ['a folder', (path: string) => mkdir(path)],
    ['a device without an end', (path: string) => symlink('/dev/zero', path)],
    ['a huge file', (path: string) => writeFile(path, '9'.repeat(9_000_000))],
    ['null bytes', (path: string) => writeFile(path, '\0'.repeat(100))],
  ])('keeps aside %s in the place of the file, and saves', async (_what, make) => {
    await (await open()).close()
    await rm(file, { force: true })
    await make(file)
    const store = await open()
    expect(store.get()).toEqual(defaults)
    expect(await asides()).toHaveLength(1)
    store.update({ overlay: { port: 9000 } })
    await store.close()
    expect(problems).toHaveLength(1)
    expect(await readBack()).toMatchObject({ overlay: { port: 9000 } })
  })

  it('reads what nobody may write, and starts although another holds the lock for ever', async () => {
    const store = await open()
    store.update({ overlay: { port: 9000 } })
    await store.close()
    // As a crash leaves it on a machine whose clock is wrong: it never grows old.
    await mkdir(`${file}.lock`)
    const later = new Date(Date.now() + 86_400_000)
    await utimes(`${file}.lock`, later, later)
    const again = await open()
    expect(again.get().overlay.port).toBe(9000)
    expect(problems).toEqual([expect.stringContaining('could not be written')])
    await again.close()
  })

  it('says that it cannot write, keeps the change, and writes it once it can', async () => {
    const store = await open()
    const data = join(folder, 'data')
    await rm(data, { recursive: true })
    await writeFile(data, 'a file where the folder was')
    store.update({ overlay: { port: 9000 } })
    await expect.poll(() => problems, { timeout: 20_000 }).toHaveLength(1)
    expect(store.get().overlay.port).toBe(9000)
    await rm(data)
    await store.close()
    expect(await readBack()).toMatchObject({ overlay: { port: 9000 } })
  })
})

describe('the migration of older settings', () => {
  const chain = {
    1: (old: Readonly<Record<string, unknown>>) => ({ port: old.overlayPort }),
    2: ({ port, ...rest }: Readonly<Record<string, unknown>>) => ({ ...rest, overlay: { port } }),
  }

  it('goes through every version in between', () => {
    expect(migrateSettings({ version: 1, overlayPort: 9000 }, chain, 3)).toEqual({
      kind: 'migrated',
      raw: { version: 3, overlay: { port: 9000 } },
    })
    expect(migrateSettings({ version: 3, a: 1 }, chain, 3)).toEqual({
      kind: 'current',
      raw: { version: 3, a: 1 },
    })
  })

  it('does not guess', () => {
    expect(migrateSettings({ version: 4 }, chain, 3)).toEqual({ kind: 'newer', version: 4 })
    expect(migrateSettings({ version: 0 }, chain, 3)).toEqual({ kind: 'unknown' })
    expect(migrateSettings({ version: 1.5 }, chain, 3)).toEqual({ kind: 'unknown' })
  })
})
