import { SpeechError } from '@saywire/speech'
import { createScriptedEngine } from '@saywire/speech/testing'
import { expect, test } from 'vitest'
import { withPreparation } from './whisper-backend.ts'

const open = async (engine: ReturnType<typeof withPreparation>['engine']) =>
  engine.open({ config: {} }, new AbortController().signal)

test('sessions are busy, and told why, until the engine is prepared', async () => {
  let finish = (): void => undefined
  const { engine, prepare } = withPreparation(createScriptedEngine(), async (say) => {
    say('fetching the speech model (40 %)')
    await new Promise<void>((resolve) => {
      finish = resolve
    })
  })
  const prepared = prepare()
  await expect(open(engine)).rejects.toMatchObject({
    code: 'busy',
    message: expect.stringContaining('(40 %)') as string,
    retryable: true,
  })
  finish()
  await prepared
  expect((await open(engine)).backend).toBeTypeOf('string')
})

test('a session that comes first begins the preparation', async () => {
  const { engine } = withPreparation(createScriptedEngine(), async () => undefined)
  await expect(open(engine)).rejects.toMatchObject({ code: 'busy' })
  await expect
    .poll(async () =>
      open(engine).then(
        () => 'open',
        () => 'busy',
      ),
    )
    .toBe('open')
})

test('after a failure the next session hears of it and begins anew', async () => {
  let attempts = 0
  const failure = new SpeechError('model_unavailable', 'The model could not be fetched.')
  const { engine, prepare } = withPreparation(createScriptedEngine(), async () => {
    attempts += 1
    if (attempts === 1) throw failure
  })
  await expect(prepare()).rejects.toBe(failure)
  await expect(open(engine)).rejects.toBe(failure)
  await expect
    .poll(async () =>
      open(engine).then(
        () => 'open',
        () => 'not yet',
      ),
    )
    .toBe('open')
  expect(attempts).toBe(2)
})
