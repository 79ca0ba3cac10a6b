import type { SpeechEngine } from '@saywire/speech'
import { SpeechError } from '@saywire/speech'
import { createDeepgramEngine } from '@saywire/speech/deepgram'
import { createManagedEngine } from '@saywire/speech/managed'
import type { ModelProgress } from '@saywire/speech/whisper'
import {
  createWhisperEngine,
  defaultModelSources,
  ensureLibraryFor,
  ensureModel,
} from '@saywire/speech/whisper'
import { createAccessTokens } from './account/access-tokens.ts'
import { createFileSecretStore } from './account/file-secret-store.ts'
import type { DesktopEnv } from './env.ts'

export const ENGINE_KINDS = ['local', 'managed', 'byok'] as const
export type EngineKind = (typeof ENGINE_KINDS)[number]

export interface EngineChoice {
  readonly kind: EngineKind
  /** Model of the local engine. */
  readonly localModel: string
  /** Server of the managed engine. */
  readonly serverUrl: string | undefined
}

/** What getting ready is watched through. */
export interface EngineProgress {
  onBuildPercent(percent: number): void
  onModel(progress: ModelProgress): void
  onNotice(sentence: string): void
}

/**
 * Makes the chosen engine, after fetching or building what it needs on this machine.
 * @throws SpeechError telling what is missing and how to get it
 */
export async function prepareEngine(
  choice: EngineChoice,
  env: DesktopEnv,
  progress: EngineProgress,
  signal: AbortSignal,
): Promise<SpeechEngine> {
  switch (choice.kind) {
    case 'local': {
      const { modelsDir, nativeDir } = env
      const { onNotice, onBuildPercent } = progress
      const name = choice.localModel
      await ensureLibraryFor(name, { nativeDir, onPercent: onBuildPercent, onNotice, signal })
      const onProgress = progress.onModel
      const sources = defaultModelSources({ ...env, name })
      await ensureModel({ name, modelsDir, onProgress, onNotice, signal, sources })
      return createWhisperEngine({ model: name, modelsDir, nativeDir, onNotice })
    }
    case 'byok': {
      const apiKey = env.deepgramApiKey
      if (apiKey === undefined) {
        const message = 'The byok engine needs your Deepgram key in the variable DEEPGRAM_API_KEY.'
        throw new SpeechError('unauthenticated', message)
      }
      return createDeepgramEngine({ apiKey, ...(env.deepgramUrl && { url: env.deepgramUrl }) })
    }
    case 'managed': {
      const serverUrl = choice.serverUrl ?? env.serverUrl
      if (serverUrl === undefined) {
        const message =
          'The managed engine needs a server: name it with --server URL or SAYWIRE_SERVER_URL.'
        throw new SpeechError('bad_config', message)
      }
      const secrets = createFileSecretStore(env.secretsFile)
      const tokens = createAccessTokens({ serverUrl, secrets, accessToken: env.accessToken })
      return createManagedEngine({ serverUrl, getToken: tokens.get })
    }
  }
}
