import { SpeechError } from '@saywire/speech'
import { startFakeDeepgram } from '@saywire/speech/testing'
import { expect, test } from 'vitest'
import { createSpeechBackend } from './backend.ts'
import { createDialHealth } from './speech-health.ts'

const unreachable = new SpeechError('unreachable', 'Nobody answers.', { retryable: true })
const refused = new SpeechError('unauthenticated', 'The key is refused.')

test('a backend fails when dials fail in a row, until one succeeds', () => {
  const health = createDialHealth(() => 0)
  for (const expected of ['ok', 'ok', 'failing']) {
    health.failed(unreachable)
    expect(health.state).toBe(expected)
  }
  health.opened()
  expect(health.state).toBe('ok')
  health.failed(unreachable)
  expect(health.state).toBe('ok')
})

test('a verdict ends by itself, so that a session may try; its failure brings it back', () => {
  let nowMs = 0
  const health = createDialHealth(() => nowMs)
  health.failed(refused)
  expect(health.state).toBe('refused')
  nowMs += 15_001
  expect(health.state).toBe('ok')
  health.failed(refused)
  expect(health.state).toBe('refused')
})

test('what one session asked for in vain says nothing of the backend', () => {
  const health = createDialHealth(() => 0)
  const asked = new SpeechError('bad_config', 'There is no such language.')
  for (let i = 0; i < 10; i += 1) health.failed(asked)
  expect(health.state).toBe('ok')
})

test('Deepgram that refuses the key, is full, asks for a pause or is gone is told apart', async () => {
  await using fake = await startFakeDeepgram()
  const backend = (apiKey: string) =>
    createSpeechBackend(
      {
        deepgram: { apiKey, url: fake.url, model: 'nova-3', sessionsMax: 1 },
        whisper: { model: 'base.en', modelFile: undefined, sessionsMax: 1 },
        modelsDir: '',
        dataDir: '',
      },
      { info: () => undefined, warn: () => undefined },
    )
  const open = async ({ engine }: ReturnType<typeof backend>) =>
    engine.open({ config: {} }, new AbortController().signal)

  const wrong = backend('another')
  expect(wrong.health?.()).toBe('ok')
  await expect(open(wrong)).rejects.toMatchObject({ code: 'unauthenticated' })
  expect(wrong.health?.()).toBe('refused')

  const right = backend(fake.apiKey)
  const session = await open(right)
  expect(right.health?.()).toBe('full')
  await session.close()
  expect(right.health?.()).toBe('ok')

  fake.faults.push(...Array.from({ length: 3 }, () => ({ on: 'connect', action: 'drop' }) as const))
  for (let i = 0; i < 3; i += 1) await expect(open(right)).rejects.toThrow()
  expect(right.health?.()).toBe('failing')

  const busy = backend(fake.apiKey)
  fake.faults.push({ on: 'connect', action: 'refuse', status: 429, retryAfterS: 30 })
  await expect(open(busy)).rejects.toMatchObject({ code: 'busy' })
  expect(busy.health?.()).toBe('held_back')
})
