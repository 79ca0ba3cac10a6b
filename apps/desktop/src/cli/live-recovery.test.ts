import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { SpeechEvent } from '@saywire/speech'
import type { FakeDeepgramFault } from '@saywire/speech/testing'
import { createScriptedTranscriber, startFakeDeepgram, writeScript } from '@saywire/speech/testing'
import { describe, expect, it } from 'vitest'
import { runSaywire } from './testing/run-saywire.ts'

const JFK = fileURLToPath(import.meta.resolve('@saywire/speech/assets/jfk.wav'))
const AWAY: FakeDeepgramFault = { on: 'connect', action: 'refuse', status: 503 }

describe('saywire caption, when its engine fails', { timeout: 180_000 }, () => {
  it('says each word of a live pipe once, though the cloud dies in mid-utterance and stays away', async () => {
    const { pcm, words } = writeScript({ seed: 7, durationMs: 20_000 })
    await using fake = await startFakeDeepgram({ transcribe: createScriptedTranscriber })
    fake.faults.push({ on: 'audio', afterMs: 8000, action: 'drop' }, AWAY, AWAY)
    const args = ['caption', '-', '--engine', 'byok', '--fallback', 'off', '--json']
    const env = { DEEPGRAM_URL: fake.url, DEEPGRAM_API_KEY: fake.apiKey }
    const run = await runSaywire(args, { env, input: pcm })
    expect(run.code).toBe(0)
    const events = run.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as SpeechEvent)
    const said = events.flatMap((event) => (event.type === 'final' ? event.words : []))
    expect(said.map(({ text }) => text.toLowerCase())).toEqual(words.map(({ text }) => text))
    expect(run.stderr).toMatch(/The speech engine is away: .*\n(.*\n)*.* is back after \d/)
    expect(fake.connections).toHaveLength(2)
  })

  it('lets the local model speak meanwhile: real speech, real words', async () => {
    await using fake = await startFakeDeepgram()
    fake.faults.push(...Array.from({ length: 50 }, () => AWAY))
    const args = ['caption', '-', '--engine', 'byok']
    const env = { DEEPGRAM_URL: fake.url, DEEPGRAM_API_KEY: fake.apiKey }
    const run = await runSaywire(args, { env, input: await readFile(JFK) })
    expect(run.stdout.toLowerCase()).toContain('country')
    expect(run.stderr).toContain('whisper base.en-q8_0 has taken over')
    expect(run.code).toBe(0)
  })

  it('ends a recording, which can be captioned once more, with the reason', async () => {
    await using fake = await startFakeDeepgram()
    fake.faults.push({ on: 'audio', afterMs: 3000, action: 'drop' })
    const args = ['caption', JFK, '--fast', '--engine', 'byok']
    const env = { DEEPGRAM_URL: fake.url, DEEPGRAM_API_KEY: fake.apiKey }
    const run = await runSaywire(args, { env })
    expect(run.code).toBe(5)
    expect(run.stderr.trim().split('\n')).toHaveLength(1)
    expect(run.stderr).toContain('Deepgram')
  })

  it.each([
    ['unknown', ['--fallback', 'huge'], 'off or one of tiny.en'],
    ['for another language', ['--fallback', 'base.en', '--language', 'de'], 'only English'],
  ])('takes no fall-back that is %s', async (_what, args, sentence) => {
    const run = await runSaywire(['caption', '-', '--engine', 'byok', ...args], { input: '' })
    expect(run.stderr).toContain(sentence)
    expect(run.code).toBe(2)
  })
})
