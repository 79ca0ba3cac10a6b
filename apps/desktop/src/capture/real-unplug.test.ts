import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AudioListener, GapReason } from '../core/ports.ts'
import type { StartCaptureChild } from './capture-child.ts'
import { forkCaptureChild } from './capture-child.ts'
import type { DeviceWatcher } from './device-watcher.ts'
import { createDeviceHolds } from './device-holds.ts'
import { createDeviceWatcher } from './device-watcher.ts'
import type { MicrophonePreferences, OrderedMicrophone } from './ordered-microphone.ts'
import { createOrderedMicrophone } from './ordered-microphone.ts'
import type { VirtualMicrophones } from './testing/virtual-microphone.ts'
import { createVirtualMicrophones, virtualMicrophoneMissing } from './testing/virtual-microphone.ts'

const SPEECH = fileURLToPath(import.meta.resolve('@saywire/speech/assets/jfk.wav'))
/** Users are promised 2 s, which device-watcher.test.ts proves by a clock of its own; here it may be busy. */
const NOTICED_WITHIN_MS = 10_000

const why = virtualMicrophoneMissing && ` (skipped: ${virtualMicrophoneMissing} is not installed)`
describe.skipIf(why)(
  `real microphones in the user's order${why ?? ''}`,
  { timeout: 120_000 },
  () => {
    let microphones: VirtualMicrophones
    let watcher: DeviceWatcher
    let start: StartCaptureChild
    let session: Recorded

    beforeEach(async () => {
      microphones = createVirtualMicrophones()
      start = (task) => forkCaptureChild(task, { env: { ...process.env, ...microphones.env } })
      await microphones.plug('webcam')
      await microphones.plug('headset')
      watcher = createDeviceWatcher({ start })
    }, 60_000)

    afterEach(async () => {
      await session?.stop()
      watcher.close()
      await microphones.close()
    })

    interface Recorded {
      readonly microphone: OrderedMicrophone
      readonly notices: string[]
      readonly devices: (string | undefined)[]
      readonly gaps: { durationMs: number; reason: GapReason; atMs: number }[]
      /** Audio and gaps. */
      readonly clockMs: () => number
      /** Bytes of audio, and of audio that is not silent. */
      readonly bytes: () => { audio: number; sound: number }
      readonly stop: () => Promise<void>
    }

    async function record(preferences: Partial<MicrophonePreferences>): Promise<Recorded> {
      const microphone = createOrderedMicrophone({
        watcher,
        holds: createDeviceHolds(start),
        preferences: { order: [], channel: 'mix', ...preferences },
      })
      const notices: string[] = []
      const devices: (string | undefined)[] = []
      const gaps: Recorded['gaps'] = []
      let audio = 0
      let sound = 0
      const listener: AudioListener = {
        onAudio(pcm) {
          audio += pcm.byteLength
          if (pcm.some((byte) => byte !== 0)) sound += pcm.byteLength
        },
        onGap: (durationMs, reason) => gaps.push({ durationMs, reason, atMs: performance.now() }),
        onDevice: (name) => devices.push(name),
        onNotice: (sentence) => notices.push(sentence),
        bufferedMs: () => 0,
      }
      const abort = new AbortController()
      const ended = microphone.run(listener, abort.signal)
      const gapsMs = () => gaps.reduce((sum, { durationMs }) => sum + durationMs, 0)
      session = {
        microphone,
        notices,
        devices,
        gaps,
        clockMs: () => audio / 32 + gapsMs(),
        bytes: () => ({ audio, sound }),
        async stop() {
          abort.abort()
          await ended
        },
      }
      await heard()
      return session
    }

    /** Audio flows, and goes on to flow. */
    async function heard(): Promise<void> {
      const before = session.bytes().audio
      await expect
        .poll(() => session.bytes().audio, { timeout: 60_000, interval: 10 })
        .toBeGreaterThan(before + 32 * 200)
    }

    async function captured(name: string | undefined): Promise<void> {
      await expect.poll(() => session.devices.at(-1), { timeout: 60_000, interval: 10 }).toBe(name)
      if (name !== undefined) await heard()
    }

    it('leads from an unplugged one to the next and back, on one true clock', async () => {
      const { notices, gaps, devices, clockMs } = await record({ order: ['headset', 'webcam'] })
      const beganMs = performance.now() - clockMs()
      let noticedAtMs = 0
      const stop = watcher.subscribe(({ type }) => {
        if (type === 'removed') noticedAtMs = performance.now()
      })
      const unpluggedAtMs = performance.now()
      await microphones.unplug('headset')
      await captured('webcam')
      stop()
      expect(noticedAtMs - unpluggedAtMs).toBeLessThan(NOTICED_WITHIN_MS)
      await microphones.plug('headset')
      await captured('headset')

      expect(devices).toEqual(['headset', 'webcam', 'headset'])
      expect(notices).toEqual([
        'The microphone headset was unplugged: capturing webcam.',
        'The microphone headset is back.',
      ])
      expect(gaps.map(({ reason }) => reason)).toEqual(['switched', 'switched'])
      // The sound servers deliver in portions of their own, and one of them may be late.
      const driftMs = () => Math.abs(performance.now() - beganMs - clockMs())
      await expect.poll(driftMs, { timeout: 20_000, interval: 5 }).toBeLessThan(300)
    })

    it("follows the system's default where the user has no order", async () => {
      const { notices } = await record({})
      await captured('webcam')
      microphones.makeDefault('headset')
      await captured('headset')
      expect(notices).toEqual(["The system's microphone is headset now: capturing it."])
    })

    it('waits where no microphone is left, and goes on with the one that comes', async () => {
      const { notices, devices, gaps } = await record({ order: ['headset'] })
      await microphones.unplug('webcam')
      await microphones.unplug('headset')
      await captured(undefined)
      await microphones.plug('headset')
      await captured('headset')
      expect(devices).toEqual(['headset', undefined, 'headset'])
      expect(notices).toEqual([
        'The microphone headset was unplugged and there is no other: plug one in, and captions go on.',
        'The microphone headset is back.',
      ])
      expect(gaps.map(({ reason }) => reason)).toEqual(['lost'])
    })

    it('takes a new order at once', async () => {
      const { microphone } = await record({ order: ['headset'] })
      microphone.setPreferences({ order: ['webcam'], channel: 'mix' })
      await captured('webcam')
      microphone.setPreferences({ order: ['webcam'], channel: 'left' })
      const { length } = session.gaps
      await expect.poll(() => session.gaps.length, { timeout: 60_000 }).toBe(length + 1)
      await heard()
      expect(session.devices).toEqual(['headset', 'webcam'])
    })

    it('stays muted when another microphone takes over', async () => {
      const { microphone, bytes } = await record({ order: ['headset', 'webcam'] })
      microphone.setMuted(true)
      const before = bytes()
      await microphone.muteConfirmed()
      await microphones.unplug('headset')
      await expect.poll(() => session.devices.at(-1), { timeout: 60_000 }).toBe('webcam')
      const loud = new Promise((resolve) => {
        const stop = microphone.watchLevel(({ rmsDbfs }) => {
          if (rmsDbfs < -40) return
          stop()
          resolve(rmsDbfs)
        })
      })
      void microphones.play('webcam', SPEECH).catch(() => undefined)
      await loud
      expect(bytes()).toEqual(before)
      microphone.setMuted(false)
      await expect.poll(() => bytes().sound, { timeout: 60_000 }).toBeGreaterThan(before.sound)
    })
  },
)
