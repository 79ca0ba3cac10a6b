import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  createVirtualMicrophones,
  virtualMicrophoneMissing,
} from '../src/capture/testing/virtual-microphone.ts'
import { SKIPPED as NO_BROWSER } from './testing/chromium.ts'
import { SKIPPED as NO_APP } from './testing/launch-app.ts'
import { createStreamer } from './testing/streamer.ts'

const missing = virtualMicrophoneMissing
const SKIPPED =
  NO_APP || NO_BROWSER || (missing && !process.env['CI'] ? ` (skipped: no ${missing})` : '')

const SOON = { timeout: 120_000, interval: 100 }
const SPEECH = fileURLToPath(import.meta.resolve('@saywire/speech/assets/jfk.wav'))

describe.skipIf(SKIPPED !== '')(
  `a microphone that is pulled out of the app${SKIPPED}`,
  { timeout: 400_000 },
  () => {
    it('leads to the next and back, in the same session and file, and each change is said', async () => {
      const microphones = createVirtualMicrophones()
      onTestFinished(microphones.close)
      await microphones.plug('Desk')
      await microphones.plug('Headset')
      await using streamer = await createStreamer({
        env: microphones.env,
        settings: { microphone: { order: ['Headset', 'Desk'] } },
      })
      const { window } = streamer.app
      const word = async () => window.locator('.state-word').textContent()
      const statusBar = async () => window.locator('.status-bar').textContent()
      const finals = async () => (await streamer.files('srt')).match(/ --> /g)?.length ?? 0
      /** Speaks into it until the file has more captions than before. */
      async function speak(name: string): Promise<void> {
        const before = await finals()
        const spoken = microphones.play(name, SPEECH)
        await expect.poll(finals, SOON).toBeGreaterThan(before)
        await spoken
      }

      const button = window.getByRole('button', { name: /^Start/ })
      await expect.poll(async () => button.getAttribute('aria-disabled'), SOON).toBe('false')
      await button.click()
      await expect.poll(word, SOON).toBe('Listening')
      await expect.poll(statusBar, SOON).toContain('Headset')
      await speak('Headset')

      await microphones.unplug('Headset')
      await window.getByText('The microphone Headset was unplugged: capturing Desk.').waitFor(SOON)
      await expect.poll(statusBar, SOON).toContain('Desk')
      expect(await word()).toBe('Listening')
      await speak('Desk')

      await microphones.unplug('Desk')
      await expect.poll(word, SOON).toBe('No microphone')
      await window.getByText(/Desk was unplugged and there is no other/).waitFor(SOON)

      await microphones.plug('Headset')
      await expect.poll(word, SOON).toBe('Listening')
      await expect.poll(statusBar, SOON).toContain('Headset')
      // What was said of the microphone before does not hold any more.
      expect(await window.getByText(/there is no other/).count()).toBe(0)
      await speak('Headset')

      await window.getByRole('button', { name: /^Stop/ }).click()
      await expect.poll(word, SOON).toBe('Not captioning')
      const starts = [
        ...(await streamer.files('srt')).matchAll(/(\d\d):(\d\d):(\d\d),\d+ -->/g),
      ].map(
        ([, hours, minutes, seconds]) =>
          Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds),
      )
      // One file whose clock went on through every gap.
      expect((await streamer.files('srt')).match(/^1$/gm)).toHaveLength(1)
      expect(starts).toEqual(starts.toSorted((a, b) => a - b))
      await window.getByRole('button', { name: 'History', exact: true }).click()
      await window.locator('.history-row').first().waitFor(SOON)
      expect(await window.locator('.history-row').count()).toBe(1)
      expect(streamer.app.complaints).toEqual([])
    })
  },
)
