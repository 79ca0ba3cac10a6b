import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  createVirtualMicrophone,
  virtualMicrophoneMissing,
} from '../src/capture/testing/virtual-microphone.ts'
import { askApp } from '../src/control/control-client.ts'
import { controlPath } from '../src/control/control-messages.ts'
import { readEnv } from '../src/env.ts'
import { applyPatch } from '../src/settings/settings-patch.ts'
import { settingsSchema } from '../src/settings/settings.ts'
import { freePort } from '../src/testing/free-port.ts'
import { environment, programPath, SKIPPED as NO_APP } from './testing/launch-app.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const SPEECH = fileURLToPath(import.meta.resolve('@saywire/speech/assets/jfk.wav'))
const SOON = { timeout: 120_000, interval: 200 }
const missing = process.platform === 'win32' ? 'signals on Windows' : virtualMicrophoneMissing
const SKIPPED = NO_APP || (missing && !process.env['CI'] ? ` (skipped: no ${missing})` : '')

describe.skipIf(SKIPPED !== '')(`npm start${SKIPPED}`, () => {
  it('ends the app gently on Ctrl-C, which reaches everything in its terminal', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'saywire-npm-start-'))
    onTestFinished(async () => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }))
    const microphone = await createVirtualMicrophone()
    onTestFinished(microphone.close)
    const folder = join(dataDir, 'captions')
    const settings = applyPatch(settingsSchema.parse({}), {
      app: { firstRunDone: true },
      overlay: { port: await freePort() },
      files: { folder, formats: ['txt'], title: 'talk' },
    })
    await writeFile(join(dataDir, 'settings.json'), JSON.stringify(settings))
    const { nativeDir, modelsDir } = readEnv()
    await symlink(nativeDir, join(dataDir, 'native'))
    const npm = spawn('npm', ['start'], {
      cwd: ROOT,
      // A group of its own, as a terminal gives to what is typed.
      detached: true,
      stdio: 'ignore',
      env: await environment(dataDir, {
        ...microphone.env,
        SAYWIRE_MODELS_DIR: modelsDir,
        ELECTRON_OVERRIDE_DIST_PATH: dirname(programPath()),
      }),
    })
    const { pid = 0 } = npm
    const ended = once(npm, 'exit')
    onTestFinished(() => void npm.kill('SIGTERM'))
    const control = controlPath(dataDir)
    const started = async () => (await askApp(control, { do: 'start' })).ok
    await expect.poll(() => started().catch(String), SOON).toBe(true)
    const status = async () => JSON.stringify(await askApp(control, { do: 'status' }))
    await expect.poll(status, SOON).toContain('listening')
    const spoken = microphone.play(SPEECH)
    const written = async () => captionsIn(folder).catch(() => '')
    await expect.poll(written, SOON).toMatch(/country/i)
    process.kill(-pid, 'SIGINT')
    await ended
    const log = async () => readFile(join(dataDir, 'logs', 'saywire.log'), 'utf8')
    await expect.poll(log, SOON).toContain('info Ended.')
    await spoken
  })
})

describe.skipIf(process.platform !== 'linux')('npm start without a display', () => {
  it('says so, captions in the terminal, and leaves nothing behind when npm alone is told to end', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'saywire-npm-start-'))
    onTestFinished(async () => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }))
    const { nativeDir, modelsDir } = readEnv()
    await symlink(nativeDir, join(dataDir, 'native'))
    const { PATH = '', HOME = dataDir } = process.env
    const npm = spawn('npm', ['start'], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH, HOME, PORT: '0', SAYWIRE_DATA_DIR: dataDir, SAYWIRE_MODELS_DIR: modelsDir },
    })
    let said = ''
    let captions = ''
    npm.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
    npm.stdout.setEncoding('utf8').on('data', (text: string) => (captions += text))
    await expect.poll(() => said, SOON).toMatch(/There is no display.*\n[\s\S]*^Account {2}http:/m)
    // Every program that npm started writes there: it closes when the last of them has ended.
    const ended = once(npm.stderr, 'close')
    npm.kill('SIGTERM')
    await ended
    // Of the end of its recording: it did not run on.
    expect(captions).not.toMatch(/you can do/i)
  })
})

async function captionsIn(folder: string): Promise<string> {
  const names = await readdir(folder)
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
  return texts.join('\n')
}
