import type { HistoryEntryView } from '../../src/api/desktop-services.ts'
import type { CaptionView, DesktopState } from '../../src/api/desktop-state.ts'

const NO_KEY = { status: 'none', sentence: undefined } as const

/** A machine with two microphones and a model, where nothing runs. */
export const READY: DesktopState = {
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
  microphones: [
    { name: 'Shure MV7', channels: 2, isDefault: true },
    { name: 'Webcam C920', channels: 1, isDefault: false },
  ],
  model: {
    name: 'base.en-q8_0',
    status: 'ready',
    receivedBytes: 147_964_211,
    totalBytes: 147_964_211,
    buildPercent: undefined,
    sentence: undefined,
    catalogue: [
      {
        name: 'tiny.en',
        sizeBytes: 77_704_715,
        memoryBytes: 308_000_000,
        languages: 'english',
        isPresent: false,
        strain: undefined,
      },
      {
        name: 'base.en-q8_0',
        sizeBytes: 147_964_211,
        memoryBytes: 365_000_000,
        languages: 'english',
        isPresent: true,
        strain: undefined,
      },
      {
        name: 'small',
        sizeBytes: 487_601_967,
        memoryBytes: undefined,
        languages: 'multilingual',
        isPresent: false,
        strain: 'slow',
      },
    ],
    isMeasuring: false,
    recommended: {
      name: 'base.en-q8_0',
      because:
        'This computer decodes a sentence of 5 s with base.en-q8_0 in about 0.5 s, which leaves 62 % of its speech threads free while you speak; small.en-q5_1 would take 1.4 s.',
    },
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
  overlay: { url: 'http://127.0.0.1:8080/', problem: undefined, viewers: 1, fonts: [] },
  obs: {
    status: 'off',
    sentence: undefined,
    version: undefined,
    isStreaming: false,
    isRecording: false,
    hasPassword: false,
  },
  hotkeys: {
    toggle: NO_KEY,
    start: NO_KEY,
    stop: NO_KEY,
    mute: NO_KEY,
    pushToTalk: NO_KEY,
    nextLanguage: NO_KEY,
  },
  secretStorage: 'keychain',
  latency: {
    captureToEngine: { p50Ms: 24, p95Ms: 41, count: 220 },
    engineToCaption: { p50Ms: 412, p95Ms: 780, count: 220 },
    captionToPainted: { p50Ms: 18, p95Ms: 33, count: 220 },
    total: { p50Ms: 455, p95Ms: 841, count: 220 },
    uncertaintyMs: 2,
  },
  recording: undefined,
  update: { status: 'off', version: undefined },
  spending: {
    sessionMs: 754_000,
    todayMs: 2_520_000,
    monthMs: 33_300_000,
    reached: undefined,
    sentence: undefined,
  },
  standIn: { status: 'off', model: 'base.en-q8_0', sentence: undefined },
  notices: [],
}

/** The same machine while somebody speaks. */
export const LISTENING: DesktopState = {
  ...READY,
  session: {
    ...READY.session,
    indicator: 'listening',
    isRunning: true,
    startedAtMs: 0,
    backend: 'whisper base.en-q8_0',
    device: 'Shure MV7',
  },
}

/** Deepgram was chosen, and is out of reach: this computer captions on. */
export const FALLEN_BACK: DesktopState = {
  ...LISTENING,
  session: {
    ...LISTENING.session,
    indicator: 'fallback',
    sentence: 'Deepgram cannot be reached; check your internet connection.',
    trouble: 'Deepgram cannot be reached; check your internet connection.',
    isFallback: true,
    nextTryAtMs: 0,
    incidents: [
      {
        atMs: Date.UTC(2026, 10, 20, 19, 31, 4),
        sentence: 'The connection to Deepgram was lost.',
        tookOver: { atMs: Date.UTC(2026, 10, 20, 19, 31, 5, 800), backend: 'whisper base.en-q8_0' },
        backAtMs: Date.UTC(2026, 10, 20, 19, 31, 38),
      },
      {
        atMs: Date.UTC(2026, 10, 20, 19, 40, 12),
        sentence: 'Deepgram cannot be reached; check your internet connection.',
        tookOver: {
          atMs: Date.UTC(2026, 10, 20, 19, 40, 13, 900),
          backend: 'whisper base.en-q8_0',
        },
        backAtMs: undefined,
      },
    ],
  },
  standIn: { status: 'warm', model: 'base.en-q8_0', sentence: undefined },
}

/** Much that is wrong at once: nothing may be hidden by it. */
export const TROUBLED: DesktopState = {
  ...READY,
  session: {
    ...READY.session,
    startBlockers: [
      { code: 'no_microphone', sentence: 'No microphone was found; plug one in.' },
      { code: 'not_logged_in', sentence: 'Your login has ended; log in again.' },
    ],
  },
  microphones: [],
  model: { ...READY.model, status: 'failed', sentence: 'The network was lost; try again.' },
  account: {
    status: 'logged_in',
    serverUrl: 'https://captions.example.org',
    email: 'somebody-with-a-rather-long-name@mail.example.org',
    balanceMs: 540_000,
    isLow: true,
    purchase: 'waiting',
    sentence: undefined,
  },
  overlay: {
    url: undefined,
    problem: 'Port 8080 is taken by another program; choose another one in the settings.',
    viewers: 0,
    fonts: [],
  },
  secretStorage: 'weak',
  notices: [
    {
      id: 1,
      atMs: 0,
      level: 'warning',
      sentence: 'The settings file could not be read: it was kept aside and defaults are used.',
    },
    { id: 2, atMs: 0, level: 'error', sentence: 'The caption file cannot be written: disk full.' },
  ],
}

const SAID = [
  'Right, welcome back everybody, glad you could make it.',
  'Tonight we are going for the any percent record, and I have practised the second skip all week.',
  'If you are new here: these captions come from this computer, so nothing you say goes anywhere.',
  'OK. Timer is ready.',
  'Three, two, one, go.',
  'And that is the first door. Clean.',
  'I nearly missed the ledge there, did you see that?',
]

export const CAPTIONS: readonly CaptionView[] = SAID.map((text, at) => ({
  id: at,
  text,
  startMs: 4000 + at * 6200,
  endMs: 9000 + at * 6200,
  isFallback: at === 5,
}))

export const HISTORY: readonly HistoryEntryView[] = [
  {
    id: 'speedrun',
    title: 'Friday speedrun',
    startedAtMs: Date.UTC(2026, 10, 20, 19, 2),
    durationMs: 11_640_000,
    excerpt: SAID.slice(0, 2).join(' '),
  },
  {
    id: 'chat',
    title: '2026-11-18 20-15',
    startedAtMs: Date.UTC(2026, 10, 18, 20, 15),
    durationMs: 5_400_000,
    excerpt: 'Is the sound all right? Let me check the microphone once more.',
  },
]
