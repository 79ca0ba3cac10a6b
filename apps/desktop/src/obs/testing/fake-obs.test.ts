import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { authenticationOf, CLOSE, INTENT, JSON_PROTOCOL, OP } from './fake-obs-protocol.ts'
import type { FakeObsOptions } from './fake-obs.ts'
import { startFakeObs } from './fake-obs.ts'

/** A client that knows nothing but what the protocol's document says. */
async function rawClient(options: FakeObsOptions = {}) {
  const obs = await startFakeObs(options)
  const socket = new WebSocket(obs.url, JSON_PROTOCOL)
  const messages: { op: number; d: Record<string, unknown> }[] = []
  const closed = once(socket, 'close').then(([code]: unknown[]) => code)
  socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString())))
  onTestFinished(() => obs.stop())
  const next = async () => {
    await expect.poll(() => messages.length, { timeout: 20_000 }).toBeGreaterThan(0)
    const message = messages.shift()
    if (message === undefined) throw new Error('OBS sent nothing.')
    return message
  }
  const send = (message: object) => socket.send(JSON.stringify(message))
  const hello = await next()
  const identify = async (data: object = {}) => {
    send({ op: OP.identify, d: { rpcVersion: 1, ...data } })
    return next()
  }
  return { obs, socket, hello, closed, next, send, identify }
}

const request = (requestType: string, requestData?: object) => ({
  op: OP.request,
  d: { requestType, requestId: 'one', requestData },
})

test('the challenge is answered as obs-websocket’s document shows', () => {
  const answer = authenticationOf(
    'supersecretpassword',
    'lM1GncleQOaCu9lT1yeUZhFYnqhsLLP1G5lAGo3ixaI=',
    '+IxH4CnCiqpX1rM9scsNynZzbOe4KhDeYcTNS3PDaeY=',
  )
  expect(answer).toBe('1Ct943GAT+6YQUUX47Ia/ncufilbe6+oD6lY+5kaCu4=')
})

test('greets, and lets in who answers the challenge', async () => {
  const { hello, identify, socket } = await rawClient({ password: 'secret' })
  expect(socket.protocol).toBe(JSON_PROTOCOL)
  expect(hello).toMatchObject({ op: OP.hello, d: { rpcVersion: 1 } })
  const { challenge, salt } = hello.d['authentication'] as Record<'challenge' | 'salt', string>
  const authentication = authenticationOf('secret', salt, challenge)
  expect(await identify({ authentication })).toEqual({
    op: OP.identified,
    d: { negotiatedRpcVersion: 1 },
  })
})

test.each([
  ['without a password', { op: OP.identify, d: { rpcVersion: 1 } }, CLOSE.authenticationFailed],
  [
    'with a wrong one',
    { op: OP.identify, d: { rpcVersion: 1, authentication: 'x' } },
    CLOSE.authenticationFailed,
  ],
  ['with a request first', request('GetVersion'), CLOSE.notIdentified],
  ['of version 4', { 'request-type': 'GetVersion' }, CLOSE.unsupportedRpcVersion],
  ['without an op', { d: {} }, CLOSE.unknownOp],
  ['without data', { op: OP.identify }, CLOSE.missingField],
])('turns away a client %s', async (_, message, code) => {
  const { send, closed } = await rawClient({ password: 'secret' })
  send(message)
  expect(await closed).toBe(code)
})

test('turns away a client that identifies twice, or speaks in bytes', async () => {
  const twice = await rawClient()
  await twice.identify()
  twice.send({ op: OP.identify, d: { rpcVersion: 1 } })
  expect(await twice.closed).toBe(CLOSE.alreadyIdentified)
  const binary = await rawClient()
  binary.socket.send(Buffer.from([1, 2, 3]))
  expect(await binary.closed).toBe(CLOSE.decodeError)
})

test('answers requests with their status, and refuses captions off air', async () => {
  const { obs, identify, send, next } = await rawClient()
  await identify()
  send(request('SendStreamCaption', { captionText: 'hello' }))
  expect(await next()).toMatchObject({
    op: OP.answer,
    d: {
      requestType: 'SendStreamCaption',
      requestId: 'one',
      requestStatus: { result: false, code: 501 },
    },
  })
  obs.world.stream.isActive = true
  send(request('SendStreamCaption', { captionText: 'hello' }))
  expect((await next()).d['requestStatus']).toEqual({ result: true, code: 100 })
  send(request('SendStreamCaption'))
  expect((await next()).d['requestStatus']).toMatchObject({ code: 301 })
  send(request('SendStreamCaption', {}))
  expect((await next()).d['requestStatus']).toMatchObject({ code: 300 })
  send(request('MakeCoffee'))
  expect((await next()).d['requestStatus']).toMatchObject({ code: 204 })
  expect(obs.world.captions).toEqual(['hello'])
})

test('tells of events that were subscribed to, and of no others', async () => {
  const { obs, identify, next } = await rawClient()
  await identify({ eventSubscriptions: INTENT.outputs })
  obs.setMuted('Mic/Aux', true)
  obs.setOutput('record', 'PAUSED')
  expect(await next()).toEqual({
    op: OP.event,
    d: {
      eventType: 'RecordStateChanged',
      eventIntent: INTENT.outputs,
      eventData: {
        outputActive: false,
        outputState: 'OBS_WEBSOCKET_OUTPUT_PAUSED',
        outputPath: null,
      },
    },
  })
})
