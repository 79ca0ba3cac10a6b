import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { setDeepgramStage } from './testing/deepgram-stage.ts'

describe('dialling Deepgram', { timeout: 30_000 }, () => {
  const stage = setDeepgramStage()
  const { engine, open, refusal } = stage

  it.each([
    [400, 'bad_config', false, /no such model/],
    [401, 'unauthenticated', false, /refused the key/],
    [403, 'unauthenticated', false, /refused the key/],
    [402, 'insufficient_credits', false, /no credit left/],
    [414, 'bad_config', false, /too many key terms/],
    [431, 'bad_config', false, /too many key terms/],
    [429, 'busy', true, /no more streams/],
    [404, 'unreachable', false, /HTTP 404.*the address/],
    [503, 'unreachable', true, /HTTP 503.*in a moment/],
  ] as const)(
    'says what an upgrade refused with %i means: %s',
    async (status, code, retry, text) => {
      const dgError = 'no such model'
      stage.fake.faults.push({ on: 'connect', action: 'refuse', status, dgError, retryAfterS: 7 })
      const error = await refusal()
      expect(error).toMatchObject({ code, retryable: retry })
      expect(error.message).toMatch(text)
      expect(error.retryAfterMs).toBe([429, 503].includes(status) ? 7000 : undefined)
    },
  )

  it('is refused for a wrong key and for a model that does not exist', async () => {
    expect(await refusal({ apiKey: 'wrong' })).toMatchObject({ code: 'unauthenticated' })
    const error = await refusal({}, { model: 'nova-9000x' })
    expect(error).toMatchObject({ code: 'bad_config' })
    expect(error.message).toContain('No such model')
  })

  it.each(['', 'key with spaces', 'key\r\nx-evil: 1', 'ключ'])(
    'does not dial with %j for a key',
    async (apiKey) => {
      expect(await refusal({ apiKey })).toMatchObject({ code: 'unauthenticated' })
      expect(stage.fake.connections).toEqual([])
    },
  )

  it.each(['', 'deepgram', 'ftp://host', 'ws://host/#x'])('does not dial %j', async (url) => {
    expect(await refusal({ url })).toMatchObject({ code: 'bad_config' })
  })

  it('takes the address of the REST API for the stream too', async () => {
    const { session } = await open({ url: stage.fake.url.replace('ws:', 'http:') })
    await session.close()
    expect(stage.fake.connections).toHaveLength(1)
  })

  it('gives up a dial that nobody answers, after its time', async () => {
    stage.fake.faults.push({ on: 'connect', action: 'hang' })
    const error = await refusal({ dialTimeoutMs: 200 })
    expect(error).toMatchObject({ code: 'unreachable', retryable: true })
    expect(error.message).toContain('within 0.2 seconds')
  })

  it('gives up a dial at once when it is aborted', async () => {
    stage.fake.faults.push({ on: 'connect', action: 'hang' })
    const controller = new AbortController()
    const opening = engine({ dialTimeoutMs: 60_000 }).open({ config: {} }, controller.signal)
    setTimeout(() => controller.abort(), 50)
    await expect(opening).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('says that nobody is there', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    const error = await refusal({ url: `ws://127.0.0.1:${port}` })
    expect(error).toMatchObject({ code: 'unreachable', retryable: true })
    expect(error.message).toContain('ECONNREFUSED')
    stage.fake.faults.push({ on: 'connect', action: 'drop' })
    expect(await refusal()).toMatchObject({ code: 'unreachable', retryable: true })
  })
})
