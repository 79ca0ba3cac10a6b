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
