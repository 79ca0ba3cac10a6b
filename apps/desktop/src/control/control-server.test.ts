import { once } from 'node:events'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HostError } from '../api/host-error.ts'
import { runSaywire } from '../cli/testing/run-saywire.ts'
import { askApp } from './control-client.ts'
import { controlPath } from './control-messages.ts'
import type { ControlActions, ControlServer } from './control-server.ts'
import { startControlServer } from './control-server.ts'

describe('the control of a running app', { timeout: 60_000 }, () => {
  let folder = ''
  let path = ''
  let calls: string[] = []
  let server: ControlServer | undefined
  let blocked = false
  const note = (call: string) => async () => {
    if (blocked) throw new HostError('not_possible', 'Fetch the speech model first.')
    calls.push(call)
  }
  const actions: ControlActions = {
    start: note('start'),
    stop: note('stop'),
    toggle: note('toggle'),
    mute: (muted) => calls.push(muted ? 'mute' : 'unmute'),
    language: (tag) => calls.push(`language ${tag ?? 'next'}`),
    status: () => ({
      indicator: 'listening',
      sentence: null,
      isRunning: true,
      isMuted: false,
      backend: 'whisper base.en',
      device: 'Desk',
      language: 'en',
    }),
  }
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saywire-control-'))
    path = controlPath(folder)
    calls = []
    blocked = false
    server = undefined
  })
  afterEach(async () => {
    await server?.close()
    await rm(folder, { recursive: true, force: true })
  })
  const ctl = async (...args: string[]) =>
    runSaywire(['ctl', ...args], { env: { SAYWIRE_DATA_DIR: folder } })

  it('does what the command line says, and tells the state', async () => {
    server = await startControlServer(path, actions)
    for (const verb of ['start', 'stop', 'toggle', 'mute', 'unmute'] as const) {
      expect(await askApp(path, { do: verb })).toMatchObject({ ok: true })
    }
    expect(calls).toEqual(['start', 'stop', 'toggle', 'mute', 'unmute'])
    const said = await ctl('status')
    expect(said).toMatchObject({ code: 0, stdout: 'listening (whisper base.en, Desk, en)\n' })
    const { stdout } = await ctl('status', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, status: { isRunning: true } })
  })

  it('switches to the next language, or to the one that is named', async () => {
    server = await startControlServer(path, actions)
    for (const args of [[], ['pt-BR']])
      expect(await ctl('language', ...args)).toMatchObject({ code: 0 })
    expect(calls).toEqual(['language next', 'language pt-BR'])
    for (const args of [
      ['language', 'p t'],
      ['language', 'de', 'fr'],
      ['mute', 'de'],
    ]) {
      expect(await ctl(...args)).toMatchObject({ code: 2 })
    }
    expect(calls).toHaveLength(2)
  })

  it('says why something cannot be done', async () => {
    blocked = true
    server = await startControlServer(path, actions)
    const said = await ctl('start')
    expect(said).toMatchObject({ code: 5, stderr: 'Fetch the speech model first.\n' })
  })

  it('says that the app does not run, also where it crashed', async () => {
    const nobody = { code: 7, stderr: 'Saywire is not running: start the app first.\n' }
    expect(await ctl('status')).toMatchObject(nobody)
    await writeFile(path, 'left behind')
    expect(await ctl('status')).toMatchObject(nobody)
    expect(await ctl('dance')).toMatchObject({ code: 2 })
  })

  it('takes the place of an app that crashed, but not of one that runs', async () => {
    // A socket file without anybody behind it, as kill -9 leaves it.
    await writeFile(path, '')
    server = await startControlServer(path, actions)
    expect(server).toBeDefined()
    expect(await startControlServer(path, actions)).toBeUndefined()
    expect(await askApp(path, { do: 'status' })).toMatchObject({ ok: true })
  })

  it.skipIf(process.platform === 'win32')('is for this user alone', async () => {
    server = await startControlServer(path, actions)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it('finds a place for a data folder with a long name', async () => {
    const long = join(folder, 'x'.repeat(150))
    server = await startControlServer(controlPath(long), actions)
    expect(await askApp(controlPath(long), { do: 'status' })).toMatchObject({ ok: true })
  })

  it.each([
    '',
    '\n',
    '{"do":"quit"}\n',
    '{"do":"start","more":1}\n',
    '{"do":"language","language":"?"}\n',
    `${'x'.repeat(5000)}\n`,
  ])('answers %j with a refusal, and serves on', async (line) => {
    server = await startControlServer(path, actions)
    const socket = connect(path)
    let text = ''
    socket.on('data', (chunk) => (text += chunk.toString()))
    socket.end(line)
    await once(socket, 'close')
    expect(text === '' || JSON.parse(text).code === 'bad_request').toBe(true)
    expect(calls).toEqual([])
    expect(await askApp(path, { do: 'status' })).toMatchObject({ ok: true })
  })

  it('has room for others though a caller does not hang up', async () => {
    server = await startControlServer(path, actions)
    const callers = Array.from({ length: 40 }, () => connect({ path, allowHalfOpen: true }))
    for (const caller of callers) {
      caller.on('error', () => undefined).write('{"do":"status"}\n')
      caller.resume()
    }
    const ask = async () => askApp(path, { do: 'status' }).catch(() => undefined)
    await expect.poll(ask, { timeout: 20_000 }).toBeDefined()
    for (const caller of callers) caller.destroy()
  })

  it('reads no more than a request of who talks on', async () => {
    const ended = new AbortController()
    const start = async () => {
      calls.push('start')
      await once(ended.signal, 'abort')
    }
    server = await startControlServer(path, { ...actions, start })
    const talker = connect(path).on('error', () => undefined)
    talker.write('{"do":"start"}\n')
    await expect.poll(() => calls).toEqual(['start'])
    talker.write('x'.repeat(8_000_000))
    expect(await askApp(path, { do: 'status' })).toMatchObject({ ok: true })
    expect(talker.writableLength).toBeGreaterThan(4_000_000)
    ended.abort()
    await new Promise((resolve) => talker.once('close', resolve))
  })

  it('tells an app that hangs from one that does not run', async () => {
    const hanging = createServer((socket) => socket.destroy())
    hanging.listen(path)
    await once(hanging, 'listening')
    expect(await ctl('status')).toMatchObject({
      code: 7,
      stderr: 'Saywire runs but does not answer: try again, or start the app anew.\n',
    })
    hanging.close()
  })

  it('does not take anybody who listens there for the app', async () => {
    const stranger = createServer((socket) => socket.end('hello'))
    stranger.listen(path)
    await once(stranger, 'listening')
    await expect(askApp(path, { do: 'status' })).rejects.toMatchObject({ name: 'NotRunningError' })
    stranger.close()
  })
})
