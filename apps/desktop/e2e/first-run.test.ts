import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  createVirtualMicrophones,
  virtualMicrophoneMissing,
} from '../src/capture/testing/virtual-microphone.ts'
import { readEnv } from '../src/env.ts'
import { settingsSchema } from '../src/settings/settings.ts'
import { launchChromium, SKIPPED as NO_BROWSER } from './testing/chromium.ts'
import { freePort } from '../src/testing/free-port.ts'
import { launchApp, SKIPPED as NO_APP } from './testing/launch-app.ts'

const missing = virtualMicrophoneMissing
const SKIPPED =
  NO_APP || NO_BROWSER || (missing && !process.env['CI'] ? ` (skipped: no ${missing})` : '')

const SOON = { timeout: 120_000, interval: 100 }
/** 130 MB come over the network. */
const FETCHED = { timeout: 300_000 }
const SPEECH = fileURLToPath(import.meta.resolve('@saywire/speech/assets/jfk.wav'))
const SPOKEN = /country/i

/** A machine that has never seen Saywire, but for a port that is free and a library that is built. */
async function newMachine(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'saywire-first-'))
  onTestFinished(async () => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }))
  await mkdir(dataDir, { recursive: true })
  await symlink(readEnv().nativeDir, join(dataDir, 'native'))
  const settings = settingsSchema.parse({
    overlay: { port: await freePort() },
    files: { folder: join(dataDir, 'captions') },
  })
  await writeFile(join(dataDir, 'settings.json'), JSON.stringify(settings))
  return dataDir
}

describe.skipIf(SKIPPED !== '')(`the first run of the app${SKIPPED}`, { timeout: 600_000 }, () => {
  it('leads from no microphone and no model to captions on the stream', async () => {
    const dataDir = await newMachine()
    const microphones = createVirtualMicrophones()
    onTestFinished(microphones.close)
    // The model comes from a copy where this machine cannot reach its sources, or does so anyway.
    const modelFile = join(readEnv().modelsDir, 'ggml-base.en-q8_0.bin')
    const env = { ...microphones.env, SAYWIRE_MODEL_FILE: modelFile }
    await using app = await launchApp({ dataDir, env })
    const { window } = app
    const next = async () => window.getByRole('button', { name: 'Continue' }).click()

    await window.getByText('No microphone was found').waitFor(SOON)
    await microphones.plug('Desk')
    await microphones.plug('Headset')
    await window.getByText('Headset', { exact: true }).waitFor(SOON)
    await window.getByRole('button', { name: 'Prefer Headset', exact: true }).click()
    const tried = microphones.play('Headset', SPEECH)
    await window.getByText(/your voice is heard|Too loud/).waitFor(SOON)
    await tried
    await next()
    await window.getByText('On this computer', { exact: true }).click()
    await next()
    await window.getByText('Recommended for this computer').waitFor(SOON)
    // Whichever it is, and will be chosen in a moment: this one is to be had everywhere.
    const model = window.getByLabel('Model', { exact: true })
    await model.selectOption('tiny.en')
    await window.getByText('tiny.en is not on this computer yet.').waitFor(SOON)
    await model.selectOption('base.en-q8_0')
    await window.getByText('base.en-q8_0 is not on this computer yet.').waitFor(SOON)
    await window.getByRole('button', { name: 'Fetch the model' }).click()
    await window.getByText('base.en-q8_0 is ready.').waitFor(FETCHED)
    await next()

    const address = await window.locator('.overlay-url').innerText()
    await window.getByRole('button', { name: 'Copy URL' }).click()
    const copied = () => app.electron.evaluate(({ clipboard }) => clipboard.readText())
    await expect.poll(copied, SOON).toMatch(new RegExp(`^${new URL(address).origin}/`))
    await using browser = await launchChromium()
    const overlay = await browser.newPage()
    await overlay.goto(await copied())
    await window.getByRole('button', { name: 'Done' }).click()

    await window.getByRole('button', { name: /^Start/ }).click()
    const word = async () => window.locator('.state-word').textContent()
    await expect.poll(word, SOON).toBe('Listening')
    expect(await window.locator('.status-bar').innerText()).toContain('Headset')
    const spoken = microphones.play('Headset', SPEECH)
    await expect.poll(async () => overlay.locator('body').textContent(), SOON).toMatch(SPOKEN)
    await expect.poll(async () => window.getByRole('log').textContent(), SOON).toMatch(SPOKEN)
    await spoken
    expect(app.complaints).toEqual([])
  })
})
