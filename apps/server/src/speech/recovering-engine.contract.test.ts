import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startFakeDeepgram } from '@saywire/speech/testing'
import { describeEngineContract } from '@saywire/speech/testing/contract'
import { createRecoveringEngine } from './testing/recovery-stage.ts'

const wav = readFileSync(fileURLToPath(import.meta.resolve('@saywire/speech/assets/jfk.wav')))
const speech = wav.subarray(wav.indexOf('data') + 8)

describeEngineContract('an engine that replaces its backends', {
  createEngine: async () => {
    const fake = await startFakeDeepgram()
    return {
      engine: createRecoveringEngine(fake),
      openSessions: () => fake.openCount,
      dispose: async () => fake[Symbol.asyncDispose](),
    }
  },
  speech,
  config: { utterance_end_ms: 1000 },
  deterministic: true,
})
