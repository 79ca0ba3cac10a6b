import { onTestFinished, vi } from 'vitest'
import type { SpeechEvent } from '@saywire/speech'
import { speakerTo } from '../../overlay/testing/speak.ts'
import type {
  ObsConnection,
  ObsEvent,
  ObsSettings,
  ObsState,
  ObsTiming,
} from '../obs-connection.ts'
import { createObsConnection } from '../obs-connection.ts'
import type { FakeObs, FakeObsOptions } from './fake-obs.ts'
import { startFakeObs } from './fake-obs.ts'

interface TestConnection {
  readonly obs: FakeObs
  readonly connection: ObsConnection
  readonly settings: ObsSettings
  /** Every state since the connection was made. */
  readonly states: readonly ObsState[]
  readonly events: readonly ObsEvent[]
  /** Every log line, `level: sentence`. */
  readonly log: readonly string[]
  /** Changes some of the settings. */
  update(patch: Partial<ObsSettings>): void
  /** What the user has stored for OBS. */
  setPassword(password: string | undefined): void
  speak(...events: SpeechEvent[]): void
  /** Resolves once the connection has this status. */
  reach(status: ObsState['status']): Promise<void>
}

export interface TestConnectionOptions extends FakeObsOptions {
  /** What the user has stored; the right one where left out. */
  readonly storedPassword?: string
  readonly settings?: Partial<ObsSettings>
  readonly timing?: Partial<ObsTiming>
  /** Readies OBS before anybody connects. */
  prepare?(obs: FakeObs): void
}

/** Generous: the machine may be busy. */
export const SOON = { timeout: 20_000, interval: 20 }
vi.setConfig({ testTimeout: 60_000 })

/** A connection to a fake OBS of its own over real sockets; both end with the test. */
export async function connectToFake(options: TestConnectionOptions = {}): Promise<TestConnection> {
  const obs = await startFakeObs(options)
  options.prepare?.(obs)
  const states: ObsState[] = []
  const events: ObsEvent[] = []
  const log: string[] = []
  let password = options.storedPassword ?? options.password
  let settings: ObsSettings = {
    enabled: true,
    url: obs.url,
    sendCaptions: true,
    captionInterims: true,
    follow: 'none',
    muteInput: '',
    ...options.settings,
  }
  const connection = createObsConnection({
    settings,
    password: async () => password,
    log: (level, sentence) => log.push(`${level}: ${sentence}`),
    timing: {
      requestTimeoutMs: 1_000,
      pace: { intervalMs: 20, msPerChar: 1, clearAfterMs: 60_000 },
      ...options.timing,
    },
  })
  connection.onChange((state) => states.push(state))
  connection.onEvent((event) => events.push(event))
  onTestFinished(async () => {
    await connection.close()
    await obs.stop()
  })
  return {
    obs,
    connection,
    settings,
    states,
    events,
    log,
    update: (patch) => {
      settings = { ...settings, ...patch }
      connection.update(settings)
    },
    setPassword: (next) => (password = next),
    speak: speakerTo(connection.captions),
    reach: (status) =>
      vi.waitUntil(() => connection.state().status === status, SOON).then(() => undefined),
  }
}
