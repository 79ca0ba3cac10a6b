import { describe } from 'vitest'
import { describeEngineContract } from '../testing/engine-contract.ts'
import { prepareMoonshine } from './testing/prepare-moonshine.ts'
import { jfkSpeech } from './testing/prepare-whisper.ts'
import { createWhisperEngine } from './whisper-engine.ts'

const moonshine = await prepareMoonshine()
const reason = moonshine.missing === undefined ? '' : ` (skipped: ${moonshine.missing})`

describe.skipIf(moonshine.missing !== undefined)(`local Moonshine${reason}`, () => {
  const deps = moonshine.missing === undefined ? moonshine : { modelsDir: '', nativeDir: '' }
  describeEngineContract('the whisper engine with a model of Moonshine', {
    createEngine: async () => ({ engine: createWhisperEngine(deps) }),
    speech: jfkSpeech(),
    deterministic: true,
    // Others may be using the cores.
    timeoutMs: 180_000,
  })
})
