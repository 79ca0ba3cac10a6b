import type { DesktopState, HotkeyView } from '../api/desktop-state.ts'

const hotkey: HotkeyView = { status: 'none', sentence: undefined }

/** Before anything was looked at. */
export function initialState(secretStorage: DesktopState['secretStorage']): DesktopState {
  return {
    session: {
      indicator: 'idle',
      sentence: undefined,
      isRunning: false,
      isMuted: false,
      startedAtMs: undefined,
      backend: undefined,
      device: undefined,
      silenceMs: 0,
      isFallback: false,
      trouble: undefined,
      nextTryAtMs: undefined,
      incidents: [],
      startBlockers: [],
    },
    microphones: [],
    model: {
      name: '',
      status: 'missing',
      receivedBytes: 0,
      totalBytes: undefined,
      buildPercent: undefined,
      sentence: undefined,
      catalogue: [],
      isMeasuring: false,
      recommended: undefined,
    },
    account: {
      status: 'none',
      serverUrl: '',
      email: undefined,
      balanceMs: undefined,
      isLow: false,
      purchase: 'none',
      sentence: undefined,
    },
    deepgramKey: { status: 'none', hint: undefined, sentence: undefined },
    overlay: { url: undefined, problem: undefined, viewers: 0, fonts: [] },
    obs: {
      status: 'off',
      sentence: undefined,
      version: undefined,
      isStreaming: false,
      isRecording: false,
      hasPassword: false,
    },
    hotkeys: {
      toggle: hotkey,
      start: hotkey,
      stop: hotkey,
      mute: hotkey,
      pushToTalk: hotkey,
      nextLanguage: hotkey,
    },
    secretStorage,
    latency: undefined,
    recording: undefined,
    update: { status: 'off', version: undefined },
    spending: {
      sessionMs: 0,
      todayMs: 0,
      monthMs: 0,
      reached: undefined,
      sentence: undefined,
    },
    standIn: { status: 'off', model: '', sentence: undefined },
    notices: [],
  }
}
