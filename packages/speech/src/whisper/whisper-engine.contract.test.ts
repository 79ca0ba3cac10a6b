import { describe } from 'vitest'
import { describeEngineContract } from '../testing/engine-contract.ts'
import { jfkSpeech, prepareWhisper } from './testing/prepare-whisper.ts'
import { createWhisperEngine } from './whisper-engine.ts'

const whisper = await prepareWhisper()
const reason = whisper.missing === undefined ? '' : ` (skipped: ${whisper.missing})`

describe.skipIf(whisper.missing !== undefined)(`local Whisper${reason}`, () => {
  const folders = whisper.missing === undefined ? whisper : { modelsDir: '', nativeDir: '' }

  describeEngineContract('the whisper engine', {
    createEngine: async () => ({ engine: createWhisperEngine(folders) }),
    speech: jfkSpeech(),
    deterministic: true,
    // Three decodes take five seconds on two idle cores; others may be using them.
    timeoutMs: 180_000,
  })
})
