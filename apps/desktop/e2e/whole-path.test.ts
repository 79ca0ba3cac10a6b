import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startFakeDeepgram } from '@saywire/speech/testing'
import { describe, expect, it } from 'vitest'
import { startServer } from '../src/testing/start-server.ts'
import type { Streamer } from './testing/streamer.ts'
import { createStreamer } from './testing/streamer.ts'
import {
  enterDeepgramKey,
  goTo,
  mute,
  SKIPPED,
  SOON,
  start,
  stateWord,
  stop,
  unmute,
} from './testing/walk.ts'

/** Of the recording that is played; a word that every engine here hears. */
const SPOKEN = /country/i

/** A file of those that the app keeps to itself. */
async function kept({ app: { dataDir } }: Streamer, file: string): Promise<string> {
  return readFile(join(dataDir, file), 'utf8')
}

/** From the microphone to the paint of a real browser, as the streamer reads it. */
async function seeDelayOfEachStage({ app: { window } }: Streamer): Promise<void> {
  await window.getByRole('button', { name: 'Delay' }).click()
  const rows = window.getByRole('dialog', { name: 'Delay' }).locator('tbody tr')
  await expect
    .poll(async () => rows.allInnerTexts(), SOON)
    .toEqual(Array.from({ length: 4 }, () => expect.stringMatching(/\d+ ms\s+\d+ ms$/)))
  await window.keyboard.press('Escape')
}

/** Speaks into the microphone and sees the words everywhere that viewers and the streamer look. */
async function seeWordsEverywhere(streamer: Streamer, words: RegExp): Promise<void> {
  const { app, overlay, obs } = streamer
  const shown = overlay.locator('body')
  const spoken = streamer.speak()
  await expect.poll(async () => shown.textContent(), SOON).toMatch(words)
  await expect.poll(() => obs.world.captions.join(' '), SOON).toMatch(words)
  const transcript = app.window.getByRole('log')
  await expect.poll(async () => transcript.textContent(), SOON).toMatch(words)
  await spoken
  await expect.poll(async () => streamer.files('srt'), SOON).toMatch(words)
  expect(await streamer.files('srt')).toMatch(
    /^1\r?\n\d\d:\d\d:\d\d,\d{3} --> \d\d:\d\d:\d\d,\d{3}/,
  )
}

describe.skipIf(SKIPPED !== '')(`from the microphone to every screen${SKIPPED}`, () => {
  it('captions real speech with the local engine, and keeps it after a restart', async () => {
    await using streamer = await createStreamer()
    await start(streamer)
    await seeWordsEverywhere(streamer, SPOKEN)
    await seeDelayOfEachStage(streamer)
    await stop(streamer)
    expect(streamer.app.complaints).toEqual([])
    expect(await kept(streamer, 'logs/saywire.log')).not.toMatch(SPOKEN)

    const { window } = await streamer.restart()
    await goTo(streamer, 'History')
    await window.getByRole('searchbox').fill('country')
    await expect.poll(async () => window.locator('main').textContent(), SOON).toMatch(SPOKEN)
  })

  it('sends no word to anybody while it is muted, and goes on afterwards', async () => {
    await using streamer = await createStreamer()
    const { app, overlay, obs } = streamer
    await start(streamer)
    await mute(streamer)
    await streamer.speak()
    await unmute(streamer)
    await expect.poll(async () => stateWord(app.window), SOON).toBe('Listening')
    expect(await app.window.getByRole('log').textContent()).not.toMatch(SPOKEN)
    expect(await overlay.locator('body').textContent()).not.toMatch(SPOKEN)
    expect(obs.world.captions.join(' ')).not.toMatch(SPOKEN)
    await seeWordsEverywhere(streamer, SPOKEN)
    // What was said while muted left no trace, and its time was not forgotten.
    const srt = await streamer.files('srt')
    expect(srt.match(/fellow/gi)).toHaveLength(1)
    expect(Number(/\d\d:00:(\d\d),/.exec(srt)?.[1])).toBeGreaterThanOrEqual(11)
  })

  it('captions with the user’s own Deepgram key', async () => {
    await using deepgram = await startFakeDeepgram()
    await using streamer = await createStreamer({
      settings: { transcription: { mode: 'byok' } },
      env: { DEEPGRAM_URL: deepgram.url },
    })
    const { window } = streamer.app
    const button = window.getByRole('button', { name: /^start/i })
    expect(await button.getAttribute('aria-disabled')).toBe('true')
    await enterDeepgramKey(streamer, deepgram.apiKey)
    await start(streamer)
    // The fake's words are made of the audio's bytes.
    await seeWordsEverywhere(streamer, /[a-z]{3,}/i)
    await stop(streamer)
    expect(deepgram.connections).toHaveLength(1)
    expect(await window.content()).not.toContain(deepgram.apiKey)
    for (const file of ['settings.json', 'app/secrets.json', 'logs/saywire.log']) {
      expect(await kept(streamer, file)).not.toContain(deepgram.apiKey)
    }
    expect(streamer.app.complaints).toEqual([])
  })

  it('captions through a Saywire server, and shows what is left of the credit', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'saywire-server-'))
    const server = await startServer(join(folder, 'server data'))
    try {
      await using streamer = await createStreamer({
        settings: { transcription: { mode: 'managed', serverUrl: server.url } },
      })
      const { window } = streamer.app
      await goTo(streamer, 'Settings')
      await window.getByRole('button', { name: 'Register a new account' }).click()
      await window.getByLabel('Email').fill('streamer@example.org')
      await window.getByLabel('Password').fill('correct horse battery')
      await window.getByRole('button', { name: 'Register', exact: true }).click()
      await expect
        .poll(async () => window.locator('.account-balance').textContent(), SOON)
        .toMatch(/^1 h/)
      await goTo(streamer, 'Captions')
      await start(streamer)
      await seeWordsEverywhere(streamer, SPOKEN)
      await stop(streamer)
      await expect
        .poll(async () => window.locator('.balance-chip').textContent(), SOON)
        .toMatch(/59 min/)
      expect(streamer.app.complaints).toEqual([])
    } finally {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    }
  })
})
