import { readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { overlayStyleSchema } from '@saywire/overlay'
import type { Word } from '@saywire/speech'
import {
  createRecordingTranscriber,
  startFakeDeepgram,
  startTcpCutter,
  wordErrors,
} from '@saywire/speech/testing'
import type { Page } from 'playwright-core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createStreamer, SPEECH } from './testing/streamer.ts'
import {
  enterDeepgramKey,
  mute,
  SKIPPED,
  SOON,
  start,
  stateWord,
  stop,
  unmute,
} from './testing/walk.ts'

const WAV_HEADER_BYTES = 44
/** What the recording says, and about when. */
const SAID = [
  ['and', 320, 370],
  ['so', 370, 530],
  ['my', 690, 850],
  ['fellow', 850, 1590],
  ['Americans', 1590, 2100],
  ['ask', 3290, 3630],
  ['not', 3630, 4180],
  ['what', 4960, 5310],
  ['your', 5410, 5660],
  ['country', 5660, 6270],
  ['can', 6270, 6530],
  ['do', 6530, 6680],
  ['for', 6700, 6920],
  ['you', 7010, 7260],
  ['ask', 8220, 8450],
  ['what', 8450, 8750],
  ['you', 8910, 8990],
  ['can', 8990, 9170],
  ['do', 9220, 9370],
  ['for', 9370, 9600],
  ['your', 9600, 9910],
  ['country', 9910, 10_350],
] as const
const WORDS: Word[] = SAID.map(([text, startMs, endMs]) => ({
  text,
  startMs,
  endMs,
  confidence: 0.9,
}))
const ALL = WORDS.map(({ text }) => text).join(' ')
const GREETING = 'and so my fellow Americans'
const GREETING_MS = 3000
/** That a real engine and the pieces of a torn recording may differ by. */
const WORDS_MAY_DIFFER = 2

/** The recording's first words, as a file. */
async function cutGreeting(): Promise<string> {
  const wav = (await readFile(SPEECH)).subarray(0, WAV_HEADER_BYTES + GREETING_MS * 32)
  wav.writeUInt32LE(wav.length - 8, 4)
  wav.writeUInt32LE(wav.length - WAV_HEADER_BYTES, WAV_HEADER_BYTES - 4)
  const file = join(tmpdir(), `saywire-greeting-${process.pid}.wav`)
  await writeFile(file, wav)
  onTestFinished(async () => rm(file, { force: true }))
  return file
}

/** Looks at the overlay before each of its frames; `looks()` tells how often, and how often it was empty. */
async function watchForBlanks(overlay: Page) {
  await overlay.evaluate(() => {
    const seen = { looks: 0, blanks: 0, hasBegun: false }
    Object.assign(globalThis, { seen })
    const look = () => {
      const isBlank = !document.querySelector('#captions')?.textContent?.trim()
      if (!isBlank) seen.hasBegun = true
      if (seen.hasBegun) seen.looks += 1
      if (seen.hasBegun && isBlank) seen.blanks += 1
      requestAnimationFrame(look)
    }
    look()
  })
  return async () =>
    overlay.evaluate(
      () => (globalThis as unknown as { seen: { looks: number; blanks: number } }).seen,
    )
}

/** The words of a subtitle file, and its times in ms. */
function readSrt(srt: string): { text: string; times: number[] } {
  const lines = srt.split(/\r?\n/)
  const isTimes = (line: string) => line.includes('-->')
  const text = lines.filter((line) => !isTimes(line) && !/^\d*$/.test(line)).join(' ')
  const times = lines
    .filter(isTimes)
    .flatMap((line) =>
      [...line.matchAll(/(\d\d):(\d\d):(\d\d),(\d{3})/g)].map(
        ([, h, m, s, ms]) => ((Number(h) * 60 + Number(m)) * 60 + Number(s)) * 1000 + Number(ms),
      ),
    )
  return { text, times }
}

describe.skipIf(SKIPPED !== '')(`a cloud that dies while somebody speaks${SKIPPED}`, () => {
  it('leaves no moment and no word without a caption, and what is said while muted to nobody', async () => {
    const greeting = await cutGreeting()
    const pcm = (await readFile(SPEECH)).subarray(WAV_HEADER_BYTES)
    const ofGreeting = pcm.subarray(1000 * 32, 1100 * 32)
    const transcribe = createRecordingTranscriber(pcm, WORDS)
    await using deepgram = await startFakeDeepgram({ transcribe })
    await using network = await startTcpCutter({ port: Number(new URL(deepgram.url).port) })
    await using streamer = await createStreamer({
      settings: {
        transcription: { mode: 'byok' },
        // Nothing is hidden by its style: whatever is empty is a fault.
        overlay: {
          overlays: [{ name: 'main', style: overlayStyleSchema.parse({ fadeSeconds: 0 }) }],
        },
      },
      env: { DEEPGRAM_URL: `ws://127.0.0.1:${network.port}` },
    })
    const { app, overlay } = streamer
    const bar = app.window.getByRole('list', { name: 'What captions run on' })
    const said = async () => readSrt(await streamer.files('srt')).text
    await enterDeepgramKey(streamer, deepgram.apiKey)
    await start(streamer)
    const looks = await watchForBlanks(overlay)

    const spoken = streamer.speak()
    await expect.poll(async () => overlay.locator('body').textContent(), SOON).toMatch(/fellow/i)
    network.refuses = true
    const isStream = ({ head }: { head: string }) => head.includes('/v1/listen')
    expect(network.strike({ action: 'reset' }, isStream)).toBe(1)
    await expect.poll(async () => stateWord(app.window), SOON).toBe('Listening on this computer')
    await bar.getByText('whisper base.en-q8_0, for Deepgram').waitFor()
    await app.window.getByText(/It is tried again (in \d+ s|now)\./).waitFor()
    network.refuses = false
    await spoken
    await expect
      .poll(async () => wordErrors(ALL, await said()).errors, SOON)
      .toBeLessThanOrEqual(WORDS_MAY_DIFFER)

    await mute(streamer)
    await streamer.speak(greeting)
    await bar.getByText('deepgram nova-3').waitFor({ timeout: SOON.timeout })
    await unmute(streamer)
    await expect.poll(async () => stateWord(app.window), SOON).toBe('Listening')
    const hasGreeting = () => deepgram.connections.at(-1)?.audio.includes(ofGreeting)
    expect(hasGreeting()).toBe(false)

    await streamer.speak(greeting)
    await expect
      .poll(async () => wordErrors(`${ALL} ${GREETING}`, await said()).errors, SOON)
      .toBeLessThanOrEqual(WORDS_MAY_DIFFER)
    expect(hasGreeting()).toBe(true)
    await bar.getByRole('button', { name: '1 interruption' }).waitFor()
    await stop(streamer)

    const { looks: looked, blanks } = await looks()
    expect(blanks).toBe(0)
    expect(looked).toBeGreaterThan(100)
    const { text, times } = readSrt(await streamer.files('srt'))
    expect(wordErrors(`${ALL} ${GREETING}`, text).errors).toBeLessThanOrEqual(WORDS_MAY_DIFFER)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(app.complaints).toEqual([])
  })
})
