import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { createVirtualMicrophone } from '../../src/capture/testing/virtual-microphone.ts'
import { readEnv } from '../../src/env.ts'
import type { FakeObs } from '../../src/obs/testing/fake-obs.ts'
import { startFakeObs } from '../../src/obs/testing/fake-obs.ts'
import { applyPatch } from '../../src/settings/settings-patch.ts'
import type { SettingsPatch } from '../../src/settings/settings.ts'
import { settingsSchema } from '../../src/settings/settings.ts'
import { launchChromium } from './chromium.ts'
import { freePort } from '../../src/testing/free-port.ts'
import type { LaunchedApp } from './launch-app.ts'
import { launchApp } from './launch-app.ts'

/** 11 s of real speech. */
export const SPEECH = fileURLToPath(import.meta.resolve('@saywire/speech/assets/jfk.wav'))

/** A streamer's whole desk: a microphone, the app, an OBS that streams, and its browser source. */
export interface Streamer extends AsyncDisposable {
  readonly app: LaunchedApp
  readonly obs: FakeObs
  /** The overlay, as OBS' browser shows it. */
  readonly overlay: Page
  /** Says the recording, or another one, into the microphone; resolves when it has been said. */
  speak(wavFile?: string): Promise<void>
  /** The caption files of this format that are in the user's folder now, joined. */
  files(extension: string): Promise<string>
  /** Ends the app as its user does and opens it again, on the same data. */
  restart(): Promise<LaunchedApp>
}

export interface StreamerOptions {
  /** Beside a first run that is done, an OBS that is connected, and a folder for files. */
  readonly settings?: SettingsPatch
  readonly env?: Readonly<Record<string, string>>
}

/** Sets the desk up. The speech library and the models are those of this machine. */
export async function createStreamer(options: StreamerOptions = {}): Promise<Streamer> {
  const desk = await mkdtemp(join(tmpdir(), 'saywire-desk-'))
  const dataDir = join(desk, 'data')
  const folder = join(desk, 'captions')
  const obs = await startFakeObs()
  obs.setOutput('stream', 'STARTED')
  const port = await freePort()
  await mkdir(dataDir)
  await symlink(readEnv().nativeDir, join(dataDir, 'native'))
  const usual = applyPatch(settingsSchema.parse({}), {
    app: { firstRunDone: true },
    overlay: { port },
    obs: { enabled: true, url: obs.url },
    files: { folder, formats: ['srt', 'txt'] },
  })
  const settings = applyPatch(usual, options.settings ?? {})
  await writeFile(join(dataDir, 'settings.json'), JSON.stringify(settings))
  const microphone = await createVirtualMicrophone()
  const env = { ...microphone.env, SAYWIRE_MODELS_DIR: readEnv().modelsDir, ...options.env }
  let app = await launchApp({ dataDir, env })
  const browser: Browser = await launchChromium()
  const overlay = await browser.newPage({ viewport: { width: 1280, height: 720 } })
  await overlay.goto(`http://127.0.0.1:${port}/`)
  return {
    get app() {
      return app
    },
    obs,
    overlay,
    speak: async (wavFile = SPEECH) => microphone.play(wavFile),
    async files(extension) {
      const names = await readdir(folder).catch((): string[] => [])
      const wanted = names.filter((name) => name.endsWith(`.${extension}`)).toSorted()
      const texts = await Promise.all(wanted.map((name) => readFile(join(folder, name), 'utf8')))
      return texts.join('\n')
    },
    async restart() {
      await app[Symbol.asyncDispose]()
      app = await launchApp({ dataDir, env })
      return app
    },
    async [Symbol.asyncDispose]() {
      await browser.close()
      await app[Symbol.asyncDispose]()
      await Promise.all([microphone.close(), obs.stop()])
      await rm(desk, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
