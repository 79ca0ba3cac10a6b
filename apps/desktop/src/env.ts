import { homedir } from 'node:os'
import { join } from 'node:path'
import { defaultDataDir } from '@saywire/speech'
import { z } from 'zod'

const optional = z.string().trim().min(1).optional().catch(undefined)

const schema = z.object({
  SAYWIRE_DATA_DIR: optional,
  SAYWIRE_MODELS_DIR: optional,
  SAYWIRE_MODEL_FILE: optional,
  SAYWIRE_SERVER_URL: optional,
  SAYWIRE_TOKEN: optional,
  SAYWIRE_PASSWORD: optional,
  DEEPGRAM_API_KEY: optional,
  DEEPGRAM_URL: optional,
  ALSA_CONFIG_PATH: optional,
  WAYLAND_DISPLAY: optional,
  PORTABLE_EXECUTABLE_DIR: optional,
  APPIMAGE: optional,
})

/** What the environment says; the one place that reads it. */
export interface DesktopEnv {
  /** Holds everything that the app keeps on this machine. */
  readonly dataDir: string
  readonly modelsDir: string
  /** A copy of the Whisper model, or of its plain weights, on this machine, where it cannot be downloaded. */
  readonly modelFile: string | undefined
  /** Where the built speech library is kept. */
  readonly nativeDir: string
  /** Holds logins on this machine, mode 0600. */
  readonly secretsFile: string
  readonly serverUrl: string | undefined
  /** An access token to use as it is, instead of a stored login. */
  readonly accessToken: string | undefined
  /** For `register` and `login` where nobody can be asked. */
  readonly password: string | undefined
  readonly deepgramApiKey: string | undefined
  /** Address instead of Deepgram's own. */
  readonly deepgramUrl: string | undefined
  /** What the sound system of Linux reads instead of its own configuration. */
  readonly alsaConfigFile: string | undefined
  /** Whether the desktop is one that keeps keys from programs without the focus. */
  readonly isWayland: boolean
  /** Whether this is Windows' portable build, which cannot be replaced by a newer one. */
  readonly isPortable: boolean
  /** The file that a Linux AppImage was started from; what runs lies in a folder of the moment. */
  readonly appImage: string | undefined
}

/** An empty variable counts as not set. */
export function readEnv(variables: NodeJS.ProcessEnv = process.env): DesktopEnv {
  const env = schema.parse(variables)
  const dataDir = env.SAYWIRE_DATA_DIR ?? defaultDataDir(process.platform, homedir(), variables)
  return {
    dataDir,
    modelsDir: env.SAYWIRE_MODELS_DIR ?? join(dataDir, 'models'),
    modelFile: env.SAYWIRE_MODEL_FILE,
    nativeDir: join(dataDir, 'native'),
    secretsFile: join(dataDir, 'secrets.json'),
    serverUrl: env.SAYWIRE_SERVER_URL,
    accessToken: env.SAYWIRE_TOKEN,
    password: env.SAYWIRE_PASSWORD,
    deepgramApiKey: env.DEEPGRAM_API_KEY,
    deepgramUrl: env.DEEPGRAM_URL,
    alsaConfigFile: env.ALSA_CONFIG_PATH,
    isWayland: env.WAYLAND_DISPLAY !== undefined,
    isPortable: env.PORTABLE_EXECUTABLE_DIR !== undefined,
    appImage: env.APPIMAGE,
  }
}
