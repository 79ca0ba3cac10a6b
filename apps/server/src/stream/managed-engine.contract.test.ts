import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createDeepgramEngine } from '@saywire/speech/deepgram'
import { createManagedEngine } from '@saywire/speech/managed'
import { startFakeDeepgram } from '@saywire/speech/testing'
import { describeEngineContract } from '@saywire/speech/testing/contract'
import { registerUser } from '../testing/register-user.ts'
import { startTestApp } from '../testing/test-app.ts'
import { createTestDatabase } from '../testing/test-database.ts'

const wav = readFileSync(fileURLToPath(import.meta.resolve('@saywire/speech/assets/jfk.wav')))

describeEngineContract('the managed engine, through a real server and its Deepgram engine', {
  createEngine: async () => {
    const fake = await startFakeDeepgram()
    const database = await createTestDatabase()
    const upstream = createDeepgramEngine({ apiKey: fake.apiKey, url: fake.url })
    const app = await startTestApp(database.url, { speech: upstream })
    const { token } = await registerUser(app.url)
    return {
      engine: createManagedEngine({ serverUrl: app.url, getToken: async () => token }),
      openSessions: () => fake.openCount,
      dispose: async () => {
        await app.close()
        await fake[Symbol.asyncDispose]()
        await database.drop()
      },
    }
  },
  speech: wav.subarray(wav.indexOf('data') + 8),
  config: { utterance_end_ms: 1000 },
  deterministic: true,
  timeoutMs: 60_000,
})
