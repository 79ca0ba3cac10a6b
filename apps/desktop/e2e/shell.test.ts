import { describe, expect, it } from 'vitest'
import { launchApp, SKIPPED } from './testing/launch-app.ts'

describe.skipIf(SKIPPED !== '')(`the app${SKIPPED}`, () => {
  it('opens a window whose page reaches the main process through one channel', async () => {
    await using app = await launchApp()
    const answer = await app.window.evaluate(
      () =>
        new Promise((resolve) => {
          const { saywireBridge } = window as unknown as {
            saywireBridge: {
              send(message: unknown): void
              onMessage(listener: (message: unknown) => void): void
            }
          }
          saywireBridge.onMessage(
            (message) => (message as { id: number }).id === 9001 && resolve(message),
          )
          saywireBridge.send({ id: 9001, type: 'query', path: 'app.info' })
        }),
    )
    expect(answer).toMatchObject({
      type: 'data',
      data: { electron: expect.stringMatching(/^\d+\./) },
    })
    expect(app.complaints).toEqual([])
  })
})
