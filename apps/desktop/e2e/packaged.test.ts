import { spawnSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { FuseState } from '@electron/fuses/dist/constants.js'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { DesktopState } from '../src/api/desktop-state.ts'
import {
  createVirtualMicrophone,
  virtualMicrophoneMissing,
} from '../src/capture/testing/virtual-microphone.ts'
import { readEnv } from '../src/env.ts'
import { SKIPPED } from './testing/launch-app.ts'
import type { RunningApp } from './testing/packaged-app.ts'
import { installApp, packApp } from './testing/packaged-app.ts'
import { serveUpdate } from './testing/update-feed.ts'

const ELSEWHERE = process.platform === 'linux' ? '' : ' (skipped: packages are tested on Linux)'
const SPEECH = fileURLToPath(import.meta.resolve('@saywire/speech/assets/jfk.wav'))
const SOON = { timeout: 120_000, interval: 200 }

/** A whole line, so that a failed test shows it. */
const COMPLAINT = /^.+ (?:warning|error) .+$/m

const noMicrophone =
  virtualMicrophoneMissing && !process.env['CI'] ? ` (skipped: no ${virtualMicrophoneMissing})` : ''

/** That the machine is busy with something else is no fault of the package. */
const ABOUT_LOAD = /too busy for captions word by word|Captions have caught up/
const stateOf = async (app: RunningApp) => (await app.ask('state.get')) as DesktopState

async function complaintsOf(app: RunningApp): Promise<string[]> {
  const { notices } = await stateOf(app)
  return notices.map(({ sentence }) => sentence).filter((sentence) => !ABOUT_LOAD.test(sentence))
}

const complaintsIn = (log: string): string[] =>
  log.split('\n').filter((line) => COMPLAINT.test(line) && !ABOUT_LOAD.test(line))

/** Native modules and libraries in each process of the app, by the process' id. */
async function nativeCode(pid: number): Promise<Map<number, string[]>> {
  const { stdout } = spawnSync('ps', ['-e', '-o', 'pid=,ppid='], { encoding: 'utf8' })
  const parents = new Map(
    stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number) as [number, number]),
  )
  const isOfApp = (one: number): boolean =>
    one === pid || (one > 1 && isOfApp(parents.get(one) ?? 0))
  const found = new Map<number, string[]>()
  for (const one of [...parents.keys()].filter(isOfApp)) {
    const maps = await readFile(`/proc/${one}/maps`, 'utf8').catch(() => '')
    const files = maps.split('\n').flatMap((line) => /(\/.+\.node)$/.exec(line)?.[1] ?? [])
    found.set(one, [...new Set(files)])
  }
  return found
}

describe.skipIf(SKIPPED !== '' || ELSEWHERE !== '')(
  `the packaged app${SKIPPED || ELSEWHERE}`,
  () => {
    beforeAll(() => packApp(), 600_000)

    it('runs far from the workspace, with its native modules, and complains of nothing', async () => {
      await using installed = await installApp()
      const app = await installed.launch()
      expect(app.page.url).toBe('app://saywire/index.html')
      // Either is said only by a capture process whose driver was loaded.
      const heardOfMicrophones = async () => {
        const { microphones, session } = await stateOf(app)
        const codes = session.startBlockers.map(({ code }) => code)
        return microphones.length > 0 || codes.includes('no_microphone')
      }
      await expect.poll(heardOfMicrophones, SOON).toBe(true)
      expect((await stateOf(app)).update.status).toBe('off')

      expect(await app.quit()).toEqual([0, null])
      expect(complaintsIn(await app.log())).toEqual([])
    })

    it('cannot be made to run as Node, be inspected, or load code from elsewhere', async () => {
      await using installed = await installApp()
      const fuses = await getCurrentFuseWire(join(installed.folder, 'saywire'))
      const isOn = (option: FuseV1Options) => fuses[option] === FuseState.ENABLE
      expect(isOn(FuseV1Options.RunAsNode)).toBe(false)
      expect(isOn(FuseV1Options.EnableNodeOptionsEnvironmentVariable)).toBe(false)
      expect(isOn(FuseV1Options.EnableNodeCliInspectArguments)).toBe(false)
      expect(isOn(FuseV1Options.GrantFileProtocolExtraPrivileges)).toBe(false)
      expect(isOn(FuseV1Options.OnlyLoadAppFromAsar)).toBe(true)
      expect(isOn(FuseV1Options.EnableCookieEncryption)).toBe(true)
    })

    describe.skipIf(noMicrophone !== '')(`with a microphone${noMicrophone}`, () => {
      async function caption(change?: (folder: string) => Promise<void>) {
        const microphone = await createVirtualMicrophone()
        const installed = await installApp({
          settings: { app: { firstRunDone: true } },
          env: { ...microphone.env, SAYWIRE_MODELS_DIR: readEnv().modelsDir },
        })
        await change?.(installed.folder)
        const app = await installed.launch()
        await expect.poll(() => app.press('Start'), SOON).toBe(true)
        const listens = async () => (await stateOf(app)).session.indicator
        await expect.poll(listens, SOON).toBe('listening')
        const spoken = microphone.play(SPEECH)
        const transcript = () => app.page.evaluate(`document.querySelector('[role=log]').innerText`)
        await expect.poll(transcript, SOON).toMatch(/country/i)
        await spoken
        return {
          app,
          installed,
          async [Symbol.asyncDispose]() {
            await installed[Symbol.asyncDispose]()
            await microphone.close()
          },
        }
      }

      it('captions speech with the library and the microphone driver that it brings', async () => {
        await using desk = await caption()
        const { app, installed } = desk
        const resources = join(installed.folder, 'resources')
        const native = await nativeCode(app.pid)
        const unpacked = join(resources, 'app.asar.unpacked', 'node_modules')
        // The one that records and the one that lists devices have the same driver.
        expect([...new Set([...native.values()].flat())].toSorted()).toEqual([
          join(unpacked, 'naudiodon', 'build', 'Release', 'naudiodon.node'),
          // It tells voices from other sounds.
          join(unpacked, `sherpa-onnx-${process.platform}-${process.arch}`, 'sherpa-onnx.node'),
          join(resources, 'whisper', 'saywire-whisper.node'),
        ])
        // A library that crashes must not take the window and the captions with it.
        expect(native.get(app.pid)).toEqual([])
        expect(await complaintsOf(app)).toEqual([])
        expect(await app.quit()).toEqual([0, null])
        expect(complaintsIn(await app.log())).toEqual([])
      })

      it('fetches a newer version only while no captions run, and installs it when it quits', async () => {
        const microphone = await createVirtualMicrophone()
        onTestFinished(microphone.close)
        const newVersion = '#!/bin/sh\nexit 0\n'
        await using feed = await serveUpdate('9.0.0', newVersion)
        await using installed = await installApp({
          settings: { app: { firstRunDone: true } },
          env: { ...microphone.env, SAYWIRE_MODELS_DIR: readEnv().modelsDir },
          updatesFrom: feed.url,
        })
        const app = await installed.launch()
        const launchedMs = performance.now()
        const onDisk = async () => readFile(join(installed.dataDir, 'Saywire.AppImage'), 'utf8')
        const session = async () => (await stateOf(app)).session
        await expect.poll(() => app.press('Start'), SOON).toBe(true)
        await expect.poll(async () => (await session()).indicator, SOON).toBe('listening')
        // It would have looked by now: half a minute after its start.
        await expect.poll(() => performance.now() - launchedMs, SOON).toBeGreaterThan(40_000)
        expect(feed.requests).toEqual([])
        await app.tell('session.stop')
        const update = async () => (await stateOf(app)).update
        await expect.poll(update, SOON).toEqual({ status: 'ready', version: '9.0.0' })
        await app.tell('session.start')
        await app.tell('app.installUpdate')
        await expect.poll(async () => (await session()).indicator, SOON).toBe('listening')
        expect(await onDisk()).toBe('the old version')
        expect(await app.quit()).toEqual([0, null])
        expect(await onDisk()).toBe(newVersion)
      })

      it('captions speech by the slower library where its own does not load, and says so', async () => {
        await using desk = await caption(async (folder) =>
          writeFile(join(folder, 'resources', 'whisper', 'saywire-whisper.node'), 'not for here'),
        )
        const { app } = desk
        const native = await nativeCode(app.pid)
        expect(native.get(app.pid)).toEqual([])
        expect([...native.values()].flat().join('\n')).toContain('@napi-rs/whisper')
        expect(await complaintsOf(app)).toEqual([
          expect.stringMatching(/does not load here .+ slower one is used/),
        ])
        expect(await app.quit()).toEqual([0, null])
      })
    })
  },
)
