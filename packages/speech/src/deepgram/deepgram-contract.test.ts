import { readFileSync } from 'node:fs'
import { describeEngineContract } from '../testing/engine-contract.ts'
import { startFakeDeepgram } from '../testing/fake-deepgram.ts'
import { createDeepgramEngine } from './deepgram-engine.ts'

const wav = readFileSync(new URL('../../assets/jfk.wav', import.meta.url))
const speech = wav.subarray(wav.indexOf('data') + 8)

describeEngineContract('the Deepgram engine', {
  createEngine: async () => {
    const fake = await startFakeDeepgram()
    return {
      engine: createDeepgramEngine({ apiKey: fake.apiKey, url: fake.url }),
      openSessions: () => fake.openCount,
      dispose: async () => fake[Symbol.asyncDispose](),
    }
  },
  speech,
  config: { utterance_end_ms: 1000 },
  deterministic: true,
})
