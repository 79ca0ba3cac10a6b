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
          saywireBridge.onMessage(resolve)
          saywireBridge.send({ id: 1, type: 'query', path: 'app.info' })
        }),
    )
    expect(answer).toMatchObject({ id: 1, type: 'data' })
    expect(app.complaints).toEqual([])
  })
})
