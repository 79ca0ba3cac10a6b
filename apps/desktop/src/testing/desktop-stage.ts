import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FakeDeepgram } from '@saywire/speech/testing'
import { startFakeDeepgram } from '@saywire/speech/testing'
import type { DesktopState } from '../api/desktop-state.ts'
import type { SettingsPatch } from '../settings/settings.ts'
import type { RpcClient } from './rpc-client.ts'
import { connectRpc } from './rpc-client.ts'
import type { ScriptedRoom, ScriptedRoomOptions } from './scripted-room.ts'
import { createScriptedRoom } from './scripted-room.ts'
import type { ServedDesktop, ServeDesktopOptions } from './serve-desktop.ts'
import { serveDesktop } from './serve-desktop.ts'

/** The key that the stage's Deepgram knows. */
export const DEEPGRAM_KEY = 'the-good-key-1234'

/** For what goes on in other processes. */
export const SOON = { timeout: 60_000, interval: 100 }

/** The app without its shell, in a folder of its own, with a room to record and a Deepgram. */
export interface DesktopStage extends AsyncDisposable {
  readonly folder: string
  readonly room: ScriptedRoom
  readonly deepgram: FakeDeepgram
  /** The app that was opened last. */
  readonly app: ServedDesktop
  /** Its window's end of the contract. */
  readonly window: RpcClient
  /** Default: no models, and settings as they come. */
  open(options?: Partial<ServeDesktopOptions>): Promise<ServedDesktop>
  state(): Promise<DesktopState>
  indicator(): Promise<DesktopState['session']['indicator']>
  start(): Promise<unknown>
  stop(): Promise<unknown>
  update(patch: SettingsPatch): Promise<unknown>
  /** The user pastes the key that Deepgram knows. */
  useKey(): Promise<unknown>
}

/**
 * For tests only.
 * @param options of the room; default: one microphone, `Desk`
 */
export async function setDesktopStage(
  options: Partial<Omit<ScriptedRoomOptions, 'folder'>> = {},
): Promise<DesktopStage> {
  const folder = await mkdtemp(join(tmpdir(), 'saywire-desktop-'))
  const room = await createScriptedRoom({ microphones: ['Desk'], ...options, folder })
  const deepgram = await startFakeDeepgram({ apiKey: DEEPGRAM_KEY })
  let app: ServedDesktop | undefined
  let window: RpcClient | undefined

  function opened<T>(part: T | undefined): T {
    if (part === undefined) throw new Error('The app has not been opened.')
    return part
  }
  const call = async (path: string, input?: unknown) => opened(window).call('mutation', path, input)
  const state = async () => opened(window).call<DesktopState>('query', 'state.get')
  return {
    folder,
    room,
    deepgram,
    get app() {
      return opened(app)
    },
    get window() {
      return opened(window)
    },
    async open(options = {}) {
      app = await serveDesktop({
        dataDir: folder,
        documentsDir: folder,
        startCapture: room.startCapture,
        ...options,
        variables: {
          SAYWIRE_MODELS_DIR: join(folder, 'models'),
          DEEPGRAM_URL: deepgram.url,
          ...options.variables,
        },
      })
      window = await connectRpc(app.rpcUrl)
      return app
    },
    state,
    indicator: async () => (await state()).session.indicator,
    start: async () => call('session.start'),
    stop: async () => call('session.stop'),
    update: async (patch) => call('settings.update', patch),
    useKey: async () => call('deepgram.setKey', { key: DEEPGRAM_KEY }),
    async [Symbol.asyncDispose]() {
      window?.close()
      await app?.close()
      await deepgram[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
