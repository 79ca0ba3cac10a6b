import { createScriptedEngine } from '@saywire/speech/testing'
import { expect, test } from 'vitest'
import { openUpstream } from './upstream.ts'

const ignore = (): void => undefined

test('of settings that change again while a change is on its way, the last ones are opened', async () => {
  const engine = createScriptedEngine()
  const upstream = await openUpstream(
    {
      engine,
      log: { info: ignore, warn: ignore },
      flushTimeoutMs: 1000,
      emit: ignore,
      onError: ignore,
    },
    { language: 'en' },
    0,
    AbortSignal.timeout(10_000),
  )
  await Promise.all(
    ['de', 'fr', 'en', 'nl'].map(async (language) => upstream.reconfigure({ language }, 0)),
  )
  expect(upstream.changes({ language: 'nl' })).toBe(false)
  expect(engine.sessions.map(({ options }) => options.config.language)).toEqual(['en', 'nl'])
  await upstream.close()
})

test('an engine that fails in a way that nobody foresaw fails as a speech error', async () => {
  const engine = createScriptedEngine()
  const log = { info: ignore, warn: ignore }
  const upstream = await openUpstream(
    { engine, log, flushTimeoutMs: 1000, emit: ignore, onError: ignore },
    {},
    0,
    AbortSignal.timeout(10_000),
  )
  engine.failNextOpen(new URIError('URI malformed'))
  await expect(upstream.reconfigure({ language: 'de' }, 0)).rejects.toMatchObject({
    name: 'SpeechError',
    code: 'internal',
  })
  await upstream.close()
})
