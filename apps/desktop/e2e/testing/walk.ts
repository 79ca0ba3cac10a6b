import { expect } from 'vitest'
import type { Page } from 'playwright-core'
import { virtualMicrophoneMissing } from '../../src/capture/testing/virtual-microphone.ts'
import { SKIPPED as NO_BROWSER } from './chromium.ts'
import { SKIPPED as NO_APP } from './launch-app.ts'
import type { Streamer } from './streamer.ts'

const missing = virtualMicrophoneMissing

/** Empty where a streamer's whole desk can be set up. In CI it is in any case. */
export const SKIPPED =
  NO_APP || NO_BROWSER || (missing && !process.env['CI'] ? ` (skipped: no ${missing})` : '')

export const SOON = { timeout: 120_000, interval: 100 }

/** Presses Start once that is possible, and waits until it listens. */
export async function start({ app: { window } }: Streamer): Promise<void> {
  const button = window.getByRole('button', { name: /^start/i })
  await expect.poll(async () => button.getAttribute('aria-disabled'), SOON).toBe('false')
  await button.click()
  // A server that still makes its model ready is stood in for until then.
  await expect.poll(async () => stateWord(window), SOON).toBe('Listening')
}

/** The large word of the window that says what it does. */
export async function stateWord(window: Page): Promise<string | null> {
  return window.locator('.state-word').textContent()
}

export async function stop({ app: { window } }: Streamer): Promise<void> {
  await window.getByRole('button', { name: /^stop/i }).click()
  await expect.poll(async () => stateWord(window), SOON).toBe('Not captioning')
}

export async function mute({ app: { window } }: Streamer): Promise<void> {
  await window.getByRole('button', { name: 'Mute', exact: true }).click()
  await expect.poll(async () => stateWord(window), SOON).toBe('Muted')
}

export async function unmute({ app: { window } }: Streamer): Promise<void> {
  await window.getByRole('button', { name: 'Muted', exact: true }).click()
  await expect.poll(async () => stateWord(window), SOON).not.toBe('Muted')
}

export async function goTo({ app: { window } }: Streamer, view: string): Promise<void> {
  await window.getByRole('button', { name: view, exact: true }).click()
}

export async function enterDeepgramKey(streamer: Streamer, apiKey: string): Promise<void> {
  await goTo(streamer, 'Settings')
  const field = streamer.app.window.getByRole('textbox', { name: 'Deepgram API key' })
  await field.fill(apiKey)
  await field.press('Enter')
  await goTo(streamer, 'Captions')
}
