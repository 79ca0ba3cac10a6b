import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SpeechEvent } from '@saywire/speech'
import { startFakeDeepgram } from '@saywire/speech/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runSaywire } from './testing/run-saywire.ts'

const jfk = fileURLToPath(import.meta.resolve('@saywire/speech/assets/jfk.wav'))
const events = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as SpeechEvent)

let folder = ''
let fake: Awaited<ReturnType<typeof startFakeDeepgram>>
let byok: Record<string, string> = {}
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saywire-cli-'))
  fake = await startFakeDeepgram()
  byok = { DEEPGRAM_URL: fake.url, DEEPGRAM_API_KEY: fake.apiKey }
})
afterAll(async () => {
  await fake[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

describe('saywire caption', { timeout: 120_000 }, () => {
  it('captions a recording with the local engine: real speech, real words', async () => {
    const run = await runSaywire(['caption', jfk, '--fast'])
    expect(run.stderr).not.toContain('rror')
    expect(run.code).toBe(0)
    const said = run.stdout.toLowerCase().replace(/[^a-z ]/g, '')
    expect(said).toContain('ask not')
    expect(said).toContain('country')
    expect(run.stdout).toMatch(/^\[\d\d:\d\d\.\d → \d\d:\d\d\.\d\] \S/)
    expect(run.stdout).not.toContain('\x1b')
  })

  it('writes one event a line with --json, and nothing else', async () => {
    const run = await runSaywire(['caption', jfk, '--engine', 'byok', '--fast', '--json'], {
      env: byok,
    })
    expect(run.code).toBe(0)
    const all = events(run.stdout)
    expect(all.filter(({ type }) => type === 'final').length).toBeGreaterThan(0)
    expect(all.findLast(({ type }) => type === 'usage')).toEqual({ type: 'usage', audioMs: 11_000 })
    expect(fake.connections.at(-1)?.audioBytes).toBe(352_000)
  })

  it('hears the same from a pipe of raw PCM as from the file', async () => {
    const wav = await readFile(jfk)
    const pcm = wav.subarray(wav.indexOf('data') + 8)
    const args = ['--engine', 'byok', '--json']
    const [piped, file] = [
      await runSaywire(['caption', '-', ...args], { env: byok, input: pcm }),
      await runSaywire(['caption', jfk, '--fast', ...args], { env: byok }),
    ]
    const words = (stdout: string) =>
      events(stdout).flatMap((event) => (event.type === 'final' ? [event.text] : []))
    expect(piped.code).toBe(0)
    expect(words(piped.stdout)).toEqual(words(file.stdout))
    expect(words(piped.stdout).length).toBeGreaterThan(0)
  })

  it('leaves silence out where it is told to, sends the speech, and says how much was left out', async () => {
    const speech = (await readFile(jfk)).subarray(44)
    const input = Buffer.concat([new Uint8Array(32 * 20_000), speech, new Uint8Array(32 * 20_000)])
    const args = ['caption', '-', '--engine', 'byok', '--silence-gate', 'on']
    const run = await runSaywire(args, { env: byok, input })
    expect(run.code).toBe(0)
    expect(Number(/Silence +(\d+) s not sent/.exec(run.stderr)?.[1])).toBeGreaterThanOrEqual(37)
    expect((fake.connections.at(-1)?.audioBytes ?? 0) / 32).toBeLessThan(11_000 + 3000)
  })

  it('writes what it captions to files, and names them', async () => {
    const saved = join(folder, 'saved')
    const args = ['--engine', 'byok', '--fast', '--save', saved, '--format', 'srt,json']
    const run = await runSaywire(['caption', jfk, ...args], { env: byok })
    expect(run.code).toBe(0)
    const [json = '', srt = ''] = (await readdir(saved)).toSorted()
    expect(json).toMatch(/^\d{4}-\d\d-\d\d \d\d-\d\d jfk\.json$/)
    expect(run.stderr).toContain(`Saved    ${join(saved, srt)}`)
    const { captions } = JSON.parse(await readFile(join(saved, json), 'utf8')) as {
      captions: { text: string }[]
    }
    expect(captions.length).toBeGreaterThan(0)
    for (const { text } of captions) expect(run.stdout).toContain(text)
    expect(await readFile(join(saved, srt), 'utf8')).toMatch(/^1\n00:00:\d\d,\d{3} --> 00:00:/)
  })

  it('ends with the last finals and 130 when a recording is interrupted', async () => {
    const run = await runSaywire(['caption', jfk, '--engine', 'byok', '--json'], {
      env: byok,
      interruptWhen: (stdout) => stdout.includes('"interim"'),
    })
    expect(run.code).toBe(130)
    // After it, Deepgram says nothing more.
    expect(events(run.stdout).at(-1)?.type).toBe('receipt')
    expect(fake.connections.at(-1)?.closed).toMatchObject({ code: 1000 })
  })

  it.each([
    ['no such file', ['nowhere.wav'], 3, 'There is no file nowhere.wav.'],
    ['a file that is not audio', ['TEXT'], 3, 'is not a WAV file. Convert it first'],
    ['no input', [], 2, 'Name a recording'],
    ['an unknown silence gate', [jfk, '--silence-gate', 'no'], 2, 'auto, on, off'],
    ['an unknown engine', [jfk, '--engine', 'cloud'], 2, 'local, managed, byok'],
    ['an unknown format', [jfk, '--save', 'x', '--format', 'doc'], 2, 'txt, srt, vtt, json'],
    ['a format of no file', [jfk, '--format', 'srt'], 2, '--save'],
    ['an unknown option', [jfk, '--nope'], 2, '--nope'],
    ['an unknown model', [jfk, '--model', 'huge'], 2, 'base.en'],
    ['a key that is missing', [jfk, '--engine', 'byok'], 5, 'DEEPGRAM_API_KEY'],
    ['a server that is missing', [jfk, '--engine', 'managed'], 2, '--server'],
    [
      'a server that is away',
      [jfk, '--engine', 'managed', '--server', 'http://127.0.0.1:9'],
      5,
      'cannot be reached',
    ],
    ['a microphone that is not there', ['--mic', 'no such device'], 4, 'microphone'],
  ])('says in one sentence what is wrong: %s', async (_what, args, code, sentence) => {
    const text = join(folder, 'notes.wav')
    await writeFile(text, 'These are notes.')
    const env = { SAYWIRE_TOKEN: 'token', DEEPGRAM_API_KEY: '', SAYWIRE_SERVER_URL: '' }
    const run = await runSaywire(['caption', ...args.map((arg) => (arg === 'TEXT' ? text : arg))], {
      env,
    })
    expect(run.stderr).toContain(sentence)
    expect(run.stderr.trim().split('\n')).toHaveLength(1)
    expect(run.stdout).toBe('')
    expect(run.code).toBe(code)
  })

  it('never shows a key that was refused', async () => {
    const env = { ...byok, DEEPGRAM_API_KEY: 'dg-canary-0123456789' }
    const run = await runSaywire(['caption', jfk, '--engine', 'byok', '--json'], { env })
    expect(run.code).toBe(5)
    expect(run.stdout + run.stderr).not.toContain('canary')
    expect(events(run.stdout)).toMatchObject([
      { type: 'error', error: { code: 'unauthenticated' } },
    ])
  })

  it('says which option moves the overlay when its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const port = String((other.address() as AddressInfo).port)
    const run = await runSaywire(['caption', jfk, '--overlay', port])
    other.close()
    expect(run.stderr).toContain('--overlay')
    expect(run.code).toBe(2)
  })
})

describe('saywire replay', { timeout: 120_000 }, () => {
  it('gives the same captions as the recorded session: real speech, real words', async () => {
    const recording = join(folder, 'jfk.saywire-session')
    const run = await runSaywire(['caption', jfk, '--fast', '--interim', '--record', recording])
    expect(run.code).toBe(0)
    const replay = await runSaywire(['replay', recording, '--format', 'srt'])
    expect(replay.stderr).toMatch(/^The same \d+ captions? as (was|were) recorded\.\n$/)
    expect(replay.code).toBe(0)
    expect(replay.stdout).toMatch(/^1\n00:00:0\d,\d{3} --> 00:00:/)
    expect(replay.stdout.toLowerCase()).toContain('country')
  })

  it('says where captions differ, with an exit code of its own, until they are accepted', async () => {
    const recording = join(folder, 'other.saywire-session')
    await runSaywire(['caption', jfk, '--engine', 'byok', '--fast', '--record', recording], {
      env: byok,
    })
    const text = await readFile(recording, 'utf8')
    await writeFile(recording, text.replace(/("type":"said","text":")\w+/, '$1Xyzzy'))
    const differs = await runSaywire(['replay', recording])
    expect(differs.stderr).toContain('Other captions than were recorded, from caption 1 on.')
    expect(differs.stderr).toContain('Xyzzy')
    expect(differs.code).toBe(8)
    expect((await runSaywire(['replay', recording, '--accept'])).code).toBe(0)
    expect((await runSaywire(['replay', recording, '--quiet'])).code).toBe(0)
  })

  it.each([
    ['no recording', [], 2, 'Name one recording.'],
    ['a file that is not there', ['nowhere'], 3, 'There is no such file.'],
    ['something else', [jfk], 3, 'This is not a recording of a Saywire session'],
    ['an unknown format', ['x', '--format', 'doc'], 2, 'txt, srt, vtt, json'],
  ])('says in one sentence what is wrong: %s', async (_what, args, code, sentence) => {
    const run = await runSaywire(['replay', ...args])
    expect(run.stderr).toContain(sentence)
    expect(run.stderr.trim().split('\n')).toHaveLength(1)
    expect(run.code).toBe(code)
  })
})

describe('saywire', { timeout: 60_000 }, () => {
  it.each(['caption', 'start', 'setup', 'models', 'replay', 'login'])(
    'explains %s',
    async (command) => {
      const run = await runSaywire([command, '--help'])
      expect(run.code).toBe(0)
      expect(run.stdout).toContain(`saywire ${command}`)
      expect(run.stdout).toContain('Exit codes:')
    },
  )

  it('lists the models', async () => {
    const run = await runSaywire(['models'])
    expect(run.stdout).toMatch(/^base\.en-q8_0 +English, 82 MB.*, default(,|$)/m)
  })
})
