import type { ObsView } from '../api/desktop-state.ts'
import type { ObsService } from '../api/desktop-services.ts'
import type { SecretStore } from '../account/secret-store.ts'
import { SECRET_NAMES } from '../account/secret-store.ts'
import type { CaptionSink } from '../core/ports.ts'
import type { RecordingSpan } from '../files/caption.ts'
import type { ObsEvent, ObsState } from '../obs/obs-connection.ts'
import { createObsConnection } from '../obs/obs-connection.ts'
import type { Settings } from '../settings/settings.ts'

/** What the source is called that is made in OBS. */
const SOURCE_NAME = 'Saywire captions'

export interface ObsArea extends ObsService {
  readonly sink: CaptionSink
  apply(settings: Settings['obs']): void
  /**
   * OBS' recordings since `clockZeroMs`, ms on the capture clock, oldest first.
   * @param clockZeroMs where the capture clock was 0, on the performance clock
   */
  recordings(clockZeroMs: number): readonly RecordingSpan[]
  close(): Promise<void>
}

export interface ObsAreaDeps {
  readonly settings: Settings['obs']
  readonly secrets: SecretStore
  urlOfOverlay(overlay: string): string
  publish(view: ObsView): void
  onEvent(event: ObsEvent): void
  log(level: 'info' | 'warning', sentence: string): void
}

/** OBS as the host sees it: one connection, its password, and what it recorded. */
export function createObsArea(deps: ObsAreaDeps): ObsArea {
  const { secrets, log } = deps
  let { settings } = deps
  let hasPassword = false
  /** On the performance clock, ms. The last one runs while its end is missing. */
  const recordings: { startedAtMs: number; endedAtMs?: number }[] = []

  const connection = createObsConnection({
    settings,
    password: async () => secrets.get(SECRET_NAMES.obsPassword),
    log,
  })

  function show(): void {
    deps.publish(toView(connection.state(), hasPassword))
  }

  function noteRecording(state: ObsState): void {
    const last = recordings.at(-1)
    const running = last?.endedAtMs === undefined ? last : undefined
    // An OBS that went away may still record: only one that is there says that it does not.
    if (state.status !== 'connected') return
    const { recordingStartedAtMs: startedAtMs } = state
    if (startedAtMs === undefined) {
      if (running) running.endedAtMs = performance.now()
    } else if (running) running.startedAtMs = startedAtMs
    else recordings.push({ startedAtMs })
  }

  const stops = [
    connection.onChange((state) => {
      noteRecording(state)
      show()
    }),
    connection.onEvent(deps.onEvent),
  ]
  async function look(): Promise<void> {
    hasPassword = (await secrets.get(SECRET_NAMES.obsPassword)) !== undefined
    show()
  }
  void look()

  return {
    sink: connection.captions,
    apply(next) {
      settings = next
      connection.update(next)
    },
    recordings: (clockZeroMs) =>
      recordings
        .filter(({ endedAtMs = Number.POSITIVE_INFINITY }) => endedAtMs > clockZeroMs)
        .map(({ startedAtMs, endedAtMs }) => ({
          startMs: startedAtMs - clockZeroMs,
          endMs: endedAtMs === undefined ? undefined : endedAtMs - clockZeroMs,
        })),
    async setPassword(password) {
      const stored = password === '' ? undefined : password
      await secrets.update(SECRET_NAMES.obsPassword, async () => stored)
      await look()
      connection.update(settings)
    },
    async addBrowserSource(overlay) {
      const overlayUrl = deps.urlOfOverlay(overlay)
      const name = overlay === 'main' ? SOURCE_NAME : `${SOURCE_NAME} (${overlay})`
      const { sentence } = await connection.addBrowserSource({ name, overlayUrl })
      return sentence
    },
    inputs: connection.listInputs,
    scenes: connection.listScenes,
    async close() {
      for (const stop of stops) stop()
      await connection.close()
    },
  }
}

function toView(state: ObsState, hasPassword: boolean): ObsView {
  const { status, sentence } = state
  const outputs = state.status === 'connected' ? state : { isStreaming: false, isRecording: false }
  return {
    status,
    sentence,
    version: state.status === 'connected' ? state.version : undefined,
    isStreaming: outputs.isStreaming,
    isRecording: outputs.isRecording,
    hasPassword,
  }
}
