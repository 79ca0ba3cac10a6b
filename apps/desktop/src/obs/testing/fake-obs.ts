import type { AddressInfo } from 'node:net'
import type { RawData, WebSocket } from 'ws'
import { WebSocketServer } from 'ws'
import {
  ALL_INTENTS,
  authenticationOf,
  CLOSE,
  INTENT,
  JSON_PROTOCOL,
  newSalt,
  OP,
  parse,
  send,
} from './fake-obs-protocol.ts'
import { answerRequest, isObject } from './fake-obs-requests.ts'
import type { FakeInput, FakeObsWorld } from './fake-obs-world.ts'
import { createWorld } from './fake-obs-world.ts'

type Output = 'stream' | 'record'
type OutputState =
  | 'STARTING'
  | 'STARTED'
  | 'STOPPING'
  | 'STOPPED'
  | 'RECONNECTING'
  | 'RECONNECTED'
  | 'PAUSED'
  | 'RESUMED'

export interface FakeObsOptions {
  /** Undefined for an OBS that asks for none. */
  readonly password?: string
}

/** An OBS on 127.0.0.1, as far as obs-websocket 5 shows it. */
export interface FakeObs {
  readonly url: string
  readonly world: FakeObsWorld
  /** Types of the requests that came, oldest first. */
  readonly requests: readonly string[]
  /** Connections that identified, the ended ones included. */
  readonly identifiedCount: () => number
  /** Connections that were opened, refused ones included. */
  readonly connectionCount: () => number
  /** What the latest client asked to be told of, as `eventSubscriptions`. */
  readonly subscriptions: () => number

  /** Passes an output through a state, and tells clients. */
  setOutput(output: Output, state: OutputState): void
  setMuted(inputName: string, isMuted: boolean): void
  createInput(inputName: string, input: FakeInput): void
  renameInput(oldInputName: string, inputName: string): void
  removeInput(inputName: string): void
  setPassword(password: string | undefined): void
  /** Between the two OBS is not ready for requests, and may crash where it is asked one. */
  beginCollectionChange(): void
  /** Ends the change with these inputs, of which no event tells. */
  endCollectionChange(inputs: readonly (readonly [string, FakeInput])[]): void

  /** Milliseconds before each answer. */
  setDelay(delayMs: number): void
  /** Neither greets nor answers any more, with its sockets open. */
  hang(hangs: boolean): void
  /** Refuses requests of this type with a status, or no more. */
  refuse(requestType: string, code: number | undefined): void
  /** Loses all connections without a word, as a crash does. */
  drop(): void
  /** Ends all sessions as a user of OBS can. */
  kick(): void
  stop(): Promise<void>
  /** Listens again on the same port. */
  start(): Promise<void>
}

interface Client {
  readonly socket: WebSocket
  readonly challenge: string
  isIdentified: boolean
  subscriptions: number
}

export async function startFakeObs(options: FakeObsOptions = {}): Promise<FakeObs> {
  const world = createWorld()
  const clients = new Set<Client>()
  const requests: string[] = []
  const refusals = new Map<string, number>()
  let { password } = options
  let server: WebSocketServer | undefined
  let port = 0
  let salt = ''
  let delayMs = 0
  let hangs = false
  let isChanging = false
  let identifiedCount = 0
  let connectionCount = 0
  let subscriptions = ALL_INTENTS

  async function start(): Promise<void> {
    salt = newSalt()
    server = new WebSocketServer({
      host: '127.0.0.1',
      port,
      handleProtocols: (offered) => (offered.has(JSON_PROTOCOL) ? JSON_PROTOCOL : false),
    })
    server.on('connection', greet)
    await new Promise((resolve, reject) => {
      server?.once('listening', resolve).once('error', reject)
    })
    port = (server.address() as AddressInfo).port
  }

  function greet(socket: WebSocket): void {
    connectionCount += 1
    const client: Client = {
      socket,
      challenge: newSalt(),
      isIdentified: false,
      subscriptions: ALL_INTENTS,
    }
    clients.add(client)
    socket.on('close', () => clients.delete(client))
    socket.on('error', () => undefined)
    socket.on('message', (data, isBinary) => {
      if (isBinary) return socket.close(CLOSE.decodeError, 'A binary message was received.')
      setTimeout(() => {
        if (!hangs) receive(client, textOf(data))
      }, delayMs)
    })
    if (hangs) return
    const authentication =
      password === undefined ? {} : { authentication: { challenge: client.challenge, salt } }
    const versions = { obsStudioVersion: world.obsVersion, obsWebSocketVersion: '5.5.6' }
    send(socket, OP.hello, { ...versions, rpcVersion: 1, ...authentication })
  }

  function receive(client: Client, text: string): void {
    const { socket } = client
    const message = parse(text)
    if (message === undefined) return socket.close(CLOSE.decodeError, 'Unable to decode Json.')
    const { op, d } = message
    // What clients of obs-websocket 4 send.
    if (!client.isIdentified && 'request-type' in message)
      return socket.close(CLOSE.unsupportedRpcVersion, 'You appear to be of an old version.')
    if (typeof op !== 'number') return socket.close(CLOSE.unknownOp, 'Your request has no `op`.')
    if (!isObject(d)) return socket.close(CLOSE.missingField, 'Your payload is missing data (`d`).')
    if (!client.isIdentified && op !== OP.identify)
      return socket.close(CLOSE.notIdentified, 'You sent a non-Identify message.')
    if (op === OP.identify) return identify(client, d)
    if (op === OP.reidentify) return identified(client, d)
    if (op === OP.request) return answer(client, d)
    socket.close(CLOSE.unknownOp, `Unknown OpCode: ${op}`)
  }

  function identify(client: Client, data: Record<string, unknown>): void {
    const { socket, challenge } = client
    if (client.isIdentified)
      return socket.close(CLOSE.alreadyIdentified, 'You are already Identified.')
    if (password !== undefined) {
      const expected = authenticationOf(password, salt, challenge)
      if (data['authentication'] !== expected)
        return socket.close(CLOSE.authenticationFailed, 'Authentication failed.')
    }
    if (data['rpcVersion'] === undefined)
      return socket.close(CLOSE.missingField, 'Your payload is missing an `rpcVersion`.')
    if (data['rpcVersion'] !== 1)
      return socket.close(CLOSE.unsupportedRpcVersion, 'Your RPC version is not supported.')
    client.isIdentified = true
    identifiedCount += 1
    identified(client, data)
  }

  function identified(client: Client, { eventSubscriptions }: Record<string, unknown>): void {
    if (eventSubscriptions !== undefined) {
      if (typeof eventSubscriptions !== 'number')
        return client.socket.close(
          CLOSE.invalidFieldType,
          'Your `eventSubscriptions` is no number.',
        )
      client.subscriptions = eventSubscriptions
    }
    subscriptions = client.subscriptions
    send(client.socket, OP.identified, { negotiatedRpcVersion: 1 })
  }

  function answer(client: Client, data: Record<string, unknown>): void {
    const { requestType, requestId, requestData } = data
    if (requestId === undefined)
      return client.socket.close(CLOSE.missingField, 'Your payload is missing a `requestId`.')
    requests.push(String(requestType))
    const refused = isChanging ? 207 : refusals.get(String(requestType))
    const events: [string, object][] = []
    const outcome =
      refused === undefined
        ? answerRequest(requestType, {
            world,
            data: isObject(requestData) ? requestData : undefined,
            emit: (type, event) => events.push([type, event]),
          })
        : { status: { result: false, code: refused, comment: 'A test refuses this.' } }
    const { status, ...responseData } = outcome
    send(client.socket, OP.answer, {
      requestType,
      requestId,
      requestStatus: status,
      ...responseData,
    })
    for (const [type, event] of events) emit(INTENT.inputs, type, event)
  }

  function emit(eventIntent: number, eventType: string, eventData: object): void {
    for (const client of clients) {
      if (!client.isIdentified || (client.subscriptions & eventIntent) === 0 || hangs) continue
      send(client.socket, OP.event, { eventType, eventIntent, eventData })
    }
  }

  function inputOf(inputName: string): FakeInput {
    const input = world.inputs.get(inputName)
    if (input === undefined) throw new Error(`The fake OBS has no input ${inputName}.`)
    return input
  }

  await start()
  return {
    get url() {
      return `ws://127.0.0.1:${port}`
    },
    world,
    requests,
    identifiedCount: () => identifiedCount,
    connectionCount: () => connectionCount,
    subscriptions: () => subscriptions,
    setOutput: (name, state) => {
      const output = world[name]
      // OBS takes an output for active until it has stopped, pauses included.
      if (state === 'STARTED' || state === 'RECONNECTED') output.isActive = true
      if (state === 'STOPPED') Object.assign(output, { isActive: false, durationMs: 0 })
      output.isReconnecting = state === 'RECONNECTING'
      output.isPaused = state === 'PAUSED'
      const isStream = name === 'stream'
      emit(INTENT.outputs, isStream ? 'StreamStateChanged' : 'RecordStateChanged', {
        outputActive: ['STARTED', 'RESUMED', 'RECONNECTED'].includes(state),
        outputState: `OBS_WEBSOCKET_OUTPUT_${state}`,
        ...(isStream ? {} : { outputPath: null }),
      })
    },
    setMuted: (inputName, isMuted) => {
      inputOf(inputName).isMuted = isMuted
      emit(INTENT.inputs, 'InputMuteStateChanged', { inputName, inputMuted: isMuted })
    },
    createInput: (inputName, input) => {
      world.inputs.set(inputName, input)
      emit(INTENT.inputs, 'InputCreated', { inputName, inputKind: input.kind, inputSettings: {} })
    },
    renameInput: (oldInputName, inputName) => {
      world.inputs.set(inputName, inputOf(oldInputName))
      world.inputs.delete(oldInputName)
      emit(INTENT.inputs, 'InputNameChanged', { oldInputName, inputName })
    },
    removeInput: (inputName) => {
      world.inputs.delete(inputName)
      emit(INTENT.inputs, 'InputRemoved', { inputName })
    },
    setPassword: (next) => (password = next),
    beginCollectionChange: () => {
      isChanging = true
      emit(INTENT.config, 'CurrentSceneCollectionChanging', { sceneCollectionName: 'Old' })
      for (const inputName of world.inputs.keys())
        emit(INTENT.inputs, 'InputRemoved', { inputName })
    },
    endCollectionChange: (inputs) => {
      isChanging = false
      world.inputs.clear()
      for (const [name, input] of inputs) world.inputs.set(name, input)
      emit(INTENT.config, 'CurrentSceneCollectionChanged', { sceneCollectionName: 'New' })
    },
    setDelay: (next) => (delayMs = next),
    hang: (next) => (hangs = next),
    refuse: (requestType, code) => {
      if (code === undefined) refusals.delete(requestType)
      else refusals.set(requestType, code)
    },
    drop: () => clients.forEach(({ socket }) => socket.terminate()),
    kick: () => clients.forEach(({ socket }) => socket.close(CLOSE.sessionInvalidated, 'Kicked.')),
    stop: async () => {
      clients.forEach(({ socket }) => socket.terminate())
      await new Promise((resolve) => server?.close(resolve))
    },
    start,
  }
}

/** Clients of ours never send fragments. */
function textOf(data: RawData): string {
  return Buffer.isBuffer(data) ? data.toString() : ''
}
