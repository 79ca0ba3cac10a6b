import type { FakeInput, FakeObsWorld } from './fake-obs-world.ts'

/** `requestStatus` of obs-websocket, with the comment that it gives. */
class Refusal extends Error {
  readonly code: number
  constructor(code: number, comment: string) {
    super(comment)
    this.code = code
  }
}

interface RequestContext {
  readonly world: FakeObsWorld
  /** Undefined where a request came without. */
  readonly data: Readonly<Record<string, unknown>> | undefined
  /** Tells subscribed clients, after the answer. */
  emit(eventType: string, eventData: object): void
}

export type RequestOutcome =
  | { readonly status: { result: true; code: 100 }; readonly responseData: object | undefined }
  | { readonly status: { result: false; code: number; comment: string } }

/** Answers one request as obs-websocket 5 does, its refusals included. */
export function answerRequest(type: unknown, context: RequestContext): RequestOutcome {
  try {
    if (typeof type !== 'string') throw new Refusal(203, 'Your request is missing a requestType.')
    const handler = HANDLERS[type]
    if (handler === undefined) throw new Refusal(204, 'Your request type is not valid.')
    return { status: { result: true, code: 100 }, responseData: handler(context) }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { status: { result: false, code: error.code, comment: error.message } }
  }
}

type Handler = (context: RequestContext) => object | undefined

const HANDLERS: Readonly<Record<string, Handler>> = {
  GetVersion: ({ world }) => ({
    obsVersion: world.obsVersion,
    obsWebSocketVersion: '5.5.6',
    rpcVersion: 1,
    availableRequests: Object.keys(HANDLERS),
    supportedImageFormats: ['png'],
    platform: 'linux',
    platformDescription: 'A test',
  }),
  GetVideoSettings: ({ world }) => ({
    fpsNumerator: 60,
    fpsDenominator: 1,
    ...world.canvas,
    outputWidth: 1280,
    outputHeight: 720,
  }),

  GetStreamStatus: ({ world: { stream } }) => ({
    outputActive: stream.isActive || stream.isReconnecting,
    outputReconnecting: stream.isReconnecting,
    outputTimecode: timecode(stream.durationMs),
    outputDuration: stream.durationMs,
    outputCongestion: 0,
    outputBytes: 0,
    outputSkippedFrames: 0,
    outputTotalFrames: 0,
  }),
  GetRecordStatus: ({ world: { record } }) => ({
    outputActive: record.isActive,
    outputPaused: record.isPaused,
    outputTimecode: timecode(record.durationMs),
    outputDuration: record.durationMs,
    outputBytes: 0,
  }),
  SendStreamCaption: (context) => {
    const text = field(context, 'captionText', true)
    if (!context.world.stream.isActive) throw new Refusal(501, 'The output is not running.')
    context.world.captions.push(text)
    return undefined
  },

  GetSceneList: ({ world }) => ({
    currentProgramSceneName: world.programScene,
    currentPreviewSceneName: null,
    scenes: [...world.scenes.keys()].map((sceneName, sceneIndex) => ({ sceneIndex, sceneName })),
  }),
  GetCurrentProgramScene: ({ world }) => ({
    sceneName: world.programScene,
    currentProgramSceneName: world.programScene,
  }),
  GetSceneItemId: (context) => {
    const items = sceneOf(context)
    const sourceName = field(context, 'sourceName')
    const item = items.find((candidate) => candidate.sourceName === sourceName)
    if (item === undefined) throw new Refusal(600, 'No scene items were found by that name.')
    return { sceneItemId: item.id }
  },
  CreateSceneItem: (context) => {
    const items = sceneOf(context)
    const sourceName = field(context, 'sourceName')
    if (!context.world.inputs.has(sourceName)) throw new Refusal(600, 'No source was found.')
    return { sceneItemId: addItem(context.world, items, sourceName) }
  },

  GetInputList: ({ world, data }) => ({
    inputs: [...world.inputs]
      .filter(([, { kind }]) => (data?.['inputKind'] ?? kind) === kind)
      .map(([inputName, { kind }]) => ({
        inputName,
        inputKind: kind,
        unversionedInputKind: kind.replace(/_v\d+$/, ''),
      })),
  }),
  GetSpecialInputs: ({ world }) => ({
    desktop1: world.inputs.has('Desktop Audio') ? 'Desktop Audio' : null,
    desktop2: null,
    mic1: world.inputs.has('Mic/Aux') ? 'Mic/Aux' : null,
    mic2: null,
    mic3: null,
    mic4: null,
  }),
  GetInputMute: (context) => {
    const { isMuted } = inputOf(context)
    if (isMuted === undefined) throw new Refusal(604, 'The input does not support audio.')
    return { inputMuted: isMuted }
  },
  GetInputSettings: (context) => {
    const { settings, kind } = inputOf(context)
    return { inputSettings: settings, inputKind: kind }
  },
  SetInputSettings: (context) => {
    const input = inputOf(context)
    const { inputSettings, overlay } = context.data ?? {}
    if (!isObject(inputSettings)) throw new Refusal(300, 'inputSettings is missing.')
    input.settings = overlay === false ? inputSettings : { ...input.settings, ...inputSettings }
    return undefined
  },
  CreateInput: (context) => {
    const { world, data, emit } = context
    const items = sceneOf(context)
    const inputName = field(context, 'inputName')
    const kind = field(context, 'inputKind')
    if (world.inputs.has(inputName) || world.scenes.has(inputName))
      throw new Refusal(601, 'A source already exists by that input name.')
    if (!world.inputKinds.has(kind)) throw new Refusal(605, 'Your input kind is not supported.')
    const settings = isObject(data?.['inputSettings']) ? data['inputSettings'] : {}
    world.inputs.set(inputName, { kind, settings, isMuted: undefined })
    emit('InputCreated', { inputName, inputKind: kind, inputSettings: settings })
    return { sceneItemId: addItem(world, items, inputName) }
  },
}

function addItem(
  world: FakeObsWorld,
  items: { id: number; sourceName: string }[],
  sourceName: string,
) {
  const id = world.nextSceneItemId
  world.nextSceneItemId += 1
  items.push({ id, sourceName })
  return id
}

function sceneOf(context: RequestContext) {
  const items = context.world.scenes.get(field(context, 'sceneName'))
  if (items === undefined) throw new Refusal(600, 'No source was found by that name.')
  return items
}

function inputOf(context: RequestContext): FakeInput {
  const input = context.world.inputs.get(field(context, 'inputName'))
  if (input === undefined) throw new Refusal(600, 'No source was found by that name.')
  return input
}

function field({ data }: RequestContext, name: string, mayBeEmpty = false): string {
  if (data === undefined) throw new Refusal(301, 'Your request data is missing.')
  const value = data[name]
  if (value === undefined || value === null) throw new Refusal(300, `\`${name}\` is missing.`)
  if (typeof value !== 'string') throw new Refusal(401, `\`${name}\` must be a string.`)
  if (value === '' && !mayBeEmpty) throw new Refusal(403, `\`${name}\` must not be empty.`)
  return value
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `00:01:02.345` */
function timecode(durationMs: number): string {
  return new Date(durationMs).toISOString().slice(11, 23)
}
