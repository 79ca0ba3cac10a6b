import type { TranscribeConfig } from '@saywire/protocol'
import type { SpeechEngine } from '@saywire/speech'
import { SpeechError } from '@saywire/speech'
import { createDeepgramEngine } from '@saywire/speech/deepgram'
import { createManagedEngine } from '@saywire/speech/managed'
import type { WhisperLibrary, WhisperProcess } from '@saywire/speech/whisper'
import { createWhisperEngine } from '@saywire/speech/whisper'
import type { DesktopEnv } from '../env.ts'
import { translates } from '../settings/languages.ts'
import type { Settings } from '../settings/settings.ts'
import { createCappedEngine } from '../spending/capped-engine.ts'
import type { SpendLedger } from '../spending/spend-ledger.ts'

export interface CaptionEngineDeps {
  readonly env: DesktopEnv
  /** How the whisper process is started; default: a child of this one. */
  readonly spawnWhisper?: (() => WhisperProcess) | undefined
  /** The speech library that came with the app; default: one built on this machine. */
  readonly whisperLibrary?: WhisperLibrary | undefined
  /** One sentence for the user. */
  readonly onNotice: (sentence: string) => void
  readonly getToken: (serverUrl: string) => Promise<string>
  readonly getDeepgramKey: () => Promise<string | undefined>
  /** Holds the user's limits of what cloud engines may be sent. */
  readonly spending: SpendLedger
}

/** The engine that the settings name. It opens nothing yet. @throws SpeechError */
export async function createCaptionEngine(
  transcription: Settings['transcription'],
  deps: CaptionEngineDeps,
): Promise<SpeechEngine> {
  switch (transcription.mode) {
    case 'local':
      return createLocalEngine(transcription.localModel, deps)
    case 'managed': {
      const { serverUrl } = transcription
      const getToken = async () => deps.getToken(serverUrl)
      return createCappedEngine(createManagedEngine({ serverUrl, getToken }), deps.spending)
    }
    case 'byok': {
      const apiKey = await deps.getDeepgramKey()
      if (apiKey === undefined) {
        throw new SpeechError('unauthenticated', 'Enter your Deepgram key in the settings.')
      }
      const { deepgramUrl: url } = deps.env
      const engine = createDeepgramEngine({ apiKey, ...(url !== undefined && { url }) })
      return createCappedEngine(engine, deps.spending)
    }
  }
}

/** The engine that works without anybody else, and is fallen back to. */
export function createLocalEngine(
  model: string,
  deps: Pick<CaptionEngineDeps, 'env' | 'spawnWhisper' | 'whisperLibrary' | 'onNotice'>,
): SpeechEngine {
  const { env, spawnWhisper, whisperLibrary, onNotice } = deps
  const { modelsDir, nativeDir } = env
  return createWhisperEngine({
    model,
    modelsDir,
    nativeDir,
    onNotice,
    ...(whisperLibrary && { library: whisperLibrary }),
    ...(spawnWhisper && { spawn: spawnWhisper }),
  })
}

/** What an engine of this mode is asked for. */
export function captionConfig(transcription: Settings['transcription']): TranscribeConfig {
  const { mode, language, vocabulary, deepgramModel } = transcription
  return {
    interim_results: true,
    language,
    ...(vocabulary.length > 0 && { keyterm: vocabulary }),
    ...(translates(transcription) && { translate: true }),
    // The managed server chooses its own model.
    ...(mode === 'byok' && { model: deepgramModel }),
  }
}
