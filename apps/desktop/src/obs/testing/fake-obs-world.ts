/** What a fake OBS has in it. Tests read it, and change it through FakeObs, which tells clients. */
export interface FakeObsWorld {
  readonly obsVersion: string
  readonly canvas: { readonly baseWidth: number; readonly baseHeight: number }
  /** Bottom first, as obs-websocket lists them; each with its items, bottom first. */
  readonly scenes: Map<string, FakeSceneItem[]>
  programScene: string
  readonly inputs: Map<string, FakeInput>
  readonly inputKinds: Set<string>
  /** Texts that SendStreamCaption put into the stream. */
  readonly captions: string[]
  readonly stream: FakeOutput
  readonly record: FakeOutput
  nextSceneItemId: number
}

export interface FakeInput {
  readonly kind: string
  settings: Record<string, unknown>
  /** Undefined for an input without sound. */
  isMuted: boolean | undefined
}

interface FakeSceneItem {
  readonly id: number
  readonly sourceName: string
}

interface FakeOutput {
  isActive: boolean
  isReconnecting: boolean
  isPaused: boolean
  /** Length of what was written, ms. */
  durationMs: number
}

const stopped = (): FakeOutput => ({
  isActive: false,
  isReconnecting: false,
  isPaused: false,
  durationMs: 0,
})

/** A new OBS with a microphone, desktop sound, a camera and two scenes. */
export function createWorld(): FakeObsWorld {
  return {
    obsVersion: '31.0.3',
    canvas: { baseWidth: 1920, baseHeight: 1080 },
    scenes: new Map([
      ['Game', [{ id: 1, sourceName: 'Camera' }]],
      ['Break', []],
    ]),
    programScene: 'Game',
    inputs: new Map([
      ['Desktop Audio', { kind: 'pulse_output_capture', settings: {}, isMuted: false }],
      ['Mic/Aux', { kind: 'pulse_input_capture', settings: {}, isMuted: false }],
      ['Camera', { kind: 'v4l2_input', settings: {}, isMuted: undefined }],
    ]),
    inputKinds: new Set([
      'browser_source',
      'pulse_input_capture',
      'pulse_output_capture',
      'v4l2_input',
    ]),
    captions: [],
    stream: stopped(),
    record: stopped(),
    nextSceneItemId: 2,
  }
}
