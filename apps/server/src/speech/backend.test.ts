import { createScriptedEngine, startFakeDeepgram } from '@saywire/speech/testing'
import { describe, expect, it } from 'vitest'
import { createSpeechBackend } from './backend.ts'
import { withPreparation } from './whisper-backend.ts'

const ASKED = { language: 'de', keyterm: ['Zoë', 'Elden Ring'], translate: true }

describe('what a client listens for', () => {
  it.each([
    ['nova-3', 'keyterm'],
    ['nova-2', 'keywords'],
  ])('reaches Deepgram in the way of its model %s', async (model, name) => {
    await using fake = await startFakeDeepgram()
    const { engine } = createSpeechBackend(
      {
        deepgram: { apiKey: fake.apiKey, url: fake.url, model, sessionsMax: 1 },
        whisper: { model: 'base.en', modelFile: undefined, sessionsMax: 1 },
        modelsDir: '',
        dataDir: '',
      },
      { info: () => undefined, warn: () => undefined },
    )
    const session = await engine.open({ config: ASKED }, new AbortController().signal)
    const query = fake.connections.at(-1)?.query
    expect(query).toMatchObject({ model: [model], language: ['de'], [name]: ASKED.keyterm })
    expect(query).not.toHaveProperty('translate')
    await session.close()
  })

  it('reaches Whisper, once it is ready', async () => {
    const whisper = createScriptedEngine()
    const { engine, prepare } = withPreparation(whisper, async () => undefined)
    await prepare()
    await engine.open({ config: ASKED }, new AbortController().signal)
    expect(whisper.sessions.at(-1)?.options.config).toEqual(ASKED)
  })
})
