import { join } from 'node:path'
import type { Account } from '../account/account.ts'
import type { DeepgramKey } from '../account/deepgram-key.ts'
import type { StartBlocker } from '../api/desktop-state.ts'
import type { CaptionSink } from '../core/ports.ts'
import type { RunningSession, SessionDeps } from '../core/session-runner.ts'
import { createReplayFile } from '../files/replay-file.ts'
import { gatesSilence } from '../settings/gates-silence.ts'
import type { SettingsStore } from '../settings/settings-store.ts'
import { openSpendLedger } from '../spending/spend-ledger.ts'
import { captionConfig, createCaptionEngine, createLocalEngine } from './caption-engine.ts'
import type { Captioning, SessionForSinks } from './captioning.ts'
import { createCaptioning } from './captioning.ts'
import type { DesktopHostDeps } from './desktop-host.ts'
import type { EngineSwitch } from './engine-switch.ts'
import { createEngineSwitch } from './engine-switch.ts'
import { createIncidentLog } from './incident-log.ts'
import type { MicrophoneArea } from './microphone-area.ts'
import type { Notices } from './notices.ts'
import { createStandIn } from './stand-in.ts'
import type { StateStore } from './state-store.ts'

export interface EnginesAreaDeps extends Pick<
  DesktopHostDeps,
  'env' | 'spawnWhisper' | 'whisperLibrary' | 'log'
> {
  readonly settings: SettingsStore
  readonly account: Account
  readonly deepgramKey: DeepgramKey
  readonly microphones: MicrophoneArea
  readonly store: StateStore
  readonly notices: Notices
  openSinks(session: SessionForSinks): CaptionSink[]
  startSession(session: SessionDeps): RunningSession
  blockers(): readonly StartBlocker[]
  /** Epoch, ms. */
  readonly now: () => number
}

/** The session, and the engines that it has: the chosen one, its limits, and its stand-in. */
export interface EnginesArea {
  readonly captioning: Captioning
  readonly engineSwitch: EngineSwitch
  /** Settings, models or the day may have changed. Cheap. */
  check(): void
  /** Ends the session with its last words, within 15 seconds. */
  close(): Promise<void>
}

export async function createEnginesArea(deps: EnginesAreaDeps): Promise<EnginesArea> {
  const { env, settings, store, notices, blockers, log, now } = deps
  const onNotice = (sentence: string) => notices.add('warning', sentence)
  const spending = await openSpendLedger({
    file: join(env.dataDir, 'spending.json'),
    caps: () => settings.get().spendCaps,
    publish: (view) => store.set('spending', view),
    onNear: onNotice,
    onRelief: () => captioning.retryChosen(),
    onProblem(sentence) {
      log('warning', sentence)
      onNotice(sentence)
    },
    now,
  })
  const engineDeps = {
    env,
    spawnWhisper: deps.spawnWhisper,
    whisperLibrary: deps.whisperLibrary,
    onNotice,
    getToken: deps.account.getToken,
    getDeepgramKey: deps.deepgramKey.get,
    spending,
  }
  const standIn = createStandIn({
    settings: settings.get,
    model: () => store.get().model,
    createEngine: (model) => createLocalEngine(model, engineDeps),
    publish: (view) => store.set('standIn', view),
    onUsable: (isUsable) => captioning.setFallback(isUsable),
  })
  const captioning = createCaptioning({
    createEngine: async () => createCaptionEngine(settings.get().transcription, engineDeps),
    createSource: deps.microphones.createSource,
    config: () => captionConfig(settings.get().transcription),
    gatesSilence: () => gatesSilence(settings.get()),
    replayStore: createReplayFile({ folder: join(env.dataDir, 'waiting'), onNotice }),
    standIn,
    incidents: createIncidentLog({ log, now }),
    onBegin: spending.beginSession,
    openSinks: deps.openSinks,
    startSession: deps.startSession,
    blockers,
    publish: (view) => store.set('session', { ...view, startBlockers: [] }),
    onNotice: notices.add,
    now,
  })
  const engineSwitch = createEngineSwitch({
    isRunning: () => captioning.isRunning,
    blockers,
    switchEngine: captioning.switchEngine,
    onNotice: notices.add,
  })
  store.onChange(() => {
    standIn.check()
    engineSwitch.check()
  })
  return {
    captioning,
    engineSwitch,
    check() {
      spending.check()
      standIn.check()
    },
    async close() {
      await captioning.close()
      await spending.close()
    },
  }
}
