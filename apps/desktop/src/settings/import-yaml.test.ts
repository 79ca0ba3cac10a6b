import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ImportYamlDeps } from './import-yaml.ts'
import { importYaml } from './import-yaml.ts'
import { readPythonSettings } from './python-settings.ts'
import { settingsSchema } from './settings.ts'
import { applyPatch } from './settings-patch.ts'

const WHOLE = `
# Local Transcription
audio:
  device: 3
remote_processing:
  mode: local
  server_url: "https://old.example.org"
  language: de
remote:
  mode: byok
  server_url: ""
  auth_token: "aaa.bbb.ccc"
  byok_api_key: dg-secret-1234
  deepgram_model: nova-2
  language: en-US
`

describe('the settings of the Python app', () => {
  it('are read from both sections, the newer one first', () => {
    const { patch, secrets, problems } = readPythonSettings(WHOLE)
    expect(patch).toEqual({
      transcription: {
        mode: 'byok',
        serverUrl: 'https://old.example.org',
        deepgramModel: 'nova-2',
        language: 'en-US',
      },
    })
    expect(secrets).toEqual({ authToken: 'aaa.bbb.ccc', deepgramKey: 'dg-secret-1234' })
    expect(problems).toEqual([])
  })

  it.each([
    ['from Windows', WHOLE.replaceAll('\n', '\r\n')],
    ['with a byte order mark', `\uFEFF${WHOLE}`],
    ['with a key twice, of which the last counts', `${WHOLE}  language: en-US\n`],
  ])('are read from a file %s', (_what, text) => {
    expect(readPythonSettings(text)).toEqual(readPythonSettings(WHOLE))
  })

  it.each([
    ['wss://asr.example.org/ws/transcribe', 'https://asr.example.org'],
    ['ws://localhost:3000/ws/transcribe', 'http://localhost:3000'],
    ['https://example.org/asr/', 'https://example.org/asr'],
    ['https://me:secret@example.org', 'https://example.org'],
  ])('name the server %s as %s', (written, meant) => {
    const { patch } = readPythonSettings(`remote: {server_url: "${written}"}`)
    expect(patch.transcription?.serverUrl).toBe(meant)
  })

  it.each([
    ['a mode that is none', 'remote: {mode: cloud}', 'mode "cloud"'],
    ['a number', 'remote: {language: 7}', 'remote.language'],
    ['a list', 'remote: {byok_api_key: [a, b]}', 'remote.byok_api_key'],
    ['a tag', 'remote: {mode: !!python/object/apply:os.system ["ls"]}', 'remote.mode'],
    ['an address that is none', 'remote: {server_url: "ftp://x"}', 'server_url'],
    ['a field that is not ours', 'remote: {colour: red}', '"colour" of remote'],
    ['a key of two lines', 'remote: {byok_api_key: "a\\nb"}', 'byok_api_key has characters'],
    ['a section that is none', 'remote: yes please', 'remote'],
    ['another file', 'hello: world', 'neither'],
    ['nothing', '', 'empty'],
    ['a list of things', '- a\n- b', 'no settings'],
    ['broken YAML', 'remote:\n  mode: "byok\n', 'line'],
    ['aliases', 'a: &a [x]\nremote: {language: *a}', 'aliases'],
    ['an explosion of aliases', 'a: &a [x,x]\nb: &b [*a,*a]\nremote: [*b,*b]', 'aliases'],
  ])('say what is wrong with %s, and take nothing of it', (_what, text, problem) => {
    const { patch, problems } = readPythonSettings(text)
    expect(patch).toEqual({})
    expect(problems).toEqual([expect.stringContaining(problem)])
  })

  it('never show a secret in what they say', () => {
    for (const text of [WHOLE, WHOLE.replace('dg-secret-1234', '"dg-secret-1234'), `${WHOLE}\t-`]) {
      const { imported, problems } = readPythonSettings(text)
      expect([...imported, ...problems].join()).not.toMatch(/dg-secret|aaa\.bbb/)
    }
  })

  it.each([
    'remote: {auth_token:s3cret}',
    'remote: {"byok_api_key=s3cret": 1}',
    'remote: {mode: s3cret}',
    'remote: {language: s3cret key}',
    'remote: {server_url: "wss://me:s3cret@my host/x"}',
    'remote: {server_url: "ftp://me:s3cret@host"}',
    'remote: {byok_api_key: "two\\nlines of s3cret"}',
  ])('never show a secret that stands in a wrong place: %s', (text) => {
    const { problems, patch } = readPythonSettings(text)
    expect(problems).toHaveLength(1)
    expect(JSON.stringify([problems, patch])).not.toContain('s3cret')
  })

  it('take a file that is full of errors in a moment', { timeout: 30_000 }, () => {
    const nobodysFields = Array.from({ length: 10_000 }, (_, index) => `  k${index}: 1\n`).join('')
    expect(readPythonSettings(`remote:\n${nobodysFields}`).problems.length).toBeLessThan(30)
    for (const text of [',', '"']) {
      expect(readPythonSettings(`[${text.repeat(150_000 / text.length)}`).problems).toHaveLength(1)
    }
  })

  it('survive any text', () => {
    const pieces = ['remote:', 'mode: ', '\n', '  ', '- ', '{', '[', '"', '&a ', '*a', '!!x ', '? ']
    const text = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string()), { maxLength: 40 })
    fc.assert(
      fc.property(text, (parts) => {
        const { patch } = readPythonSettings(parts.join(''))
        settingsSchema.parse(applyPatch(settingsSchema.parse({}), patch))
      }),
    )
    expect(readPythonSettings('['.repeat(500_000)).problems).toHaveLength(1)
  }, 60_000)
})

describe('the import', () => {
  let folder = ''
  let file = ''
  let kept: string[] = []
  let settings = settingsSchema.parse({})
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saywire-yaml-'))
    file = join(folder, 'user_config.yaml')
    await writeFile(file, WHOLE)
    kept = []
    settings = settingsSchema.parse({})
  })
  afterEach(async () => rm(folder, { recursive: true }))

  const run = async (deps: Partial<ImportYamlDeps> = {}) =>
    importYaml(file, {
      update: (patch) => (settings = applyPatch(settings, patch)),
      getDeepgramKey: async () => undefined,
      async setDeepgramKey(key) {
        kept.push(key)
        return { status: 'valid', hint: '1234', sentence: undefined }
      },
      hasLogin: async () => false,
      async adoptToken(_server, token) {
        kept.push(token)
        return true
      },
      ...deps,
    })

  it('moves the secrets, and says that the old file still holds them', async () => {
    const report = await run()
    expect(kept).toEqual(['dg-secret-1234', 'aaa.bbb.ccc'])
    expect(report.secretsMoved).toHaveLength(2)
    expect(report.problems).toEqual([expect.stringContaining('plain text')])
    expect(JSON.stringify([report, settings])).not.toMatch(/dg-secret|aaa\.bbb/)
    expect(await readFile(file, 'utf8')).toBe(WHOLE)
  })

  it('takes no place of a key or login that is there', async () => {
    const report = await run({ getDeepgramKey: async () => 'mine', hasLogin: async () => true })
    expect(kept).toEqual([])
    expect(report.secretsMoved).toEqual([])
    expect(report.problems).toHaveLength(3)
  })

  it('asks for a login where the old one does not work any more', async () => {
    const { problems } = await run({ adoptToken: async () => false })
    expect(problems[0]).toContain('log in')
  })

  it('refuses a file that is not there, no file, or too large', async () => {
    await writeFile(file, `${WHOLE}#${'x'.repeat(64 * 1024)}`)
    await expect(run()).rejects.toMatchObject({ code: 'refused' })
    await rm(file)
    await expect(run()).rejects.toMatchObject({ code: 'not_found' })
    file = folder
    await expect(run()).rejects.toMatchObject({ code: 'refused' })
  })

  it.skipIf(process.platform === 'win32')('refuses a file without an end', async () => {
    file = '/dev/zero'
    await expect(run()).rejects.toMatchObject({ code: 'refused' })
  })
})
