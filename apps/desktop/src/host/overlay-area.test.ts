import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { OverlayView } from '../api/desktop-state.ts'
import { startOverlayServer } from '../overlay/overlay-server.ts'
import { readEvents } from '../overlay/testing/http-client.ts'
import { settingsSchema } from '../settings/settings.ts'
import { createRecordingShell } from '../testing/recording-shell.ts'
import { createOverlayArea } from './overlay-area.ts'

const GENEROUS = { timeout: 20_000, interval: 10 }

it('goes on with looks where the new port is taken', async () => {
  const fontsDir = await mkdtemp(join(tmpdir(), 'saywire-area-'))
  const other = await startOverlayServer({ port: 0 })
  const views: OverlayView[] = []
  const area = createOverlayArea({
    fontsDir,
    shell: createRecordingShell(),
    publish: (view) => views.push(view),
    onPaint: () => undefined,
    log: () => undefined,
  })
  const apply = async (port: number, textColor: string) =>
    area.apply(
      settingsSchema.parse({
        overlay: { port, overlays: [{ name: 'main', style: { textColor } }] },
      }).overlay,
    )
  const free = await startOverlayServer({ port: 0 })
  await free.close()
  await apply(Number(new URL(free.url).port), '#ff0000')
  const page = await readEvents(area.urlOf('main').replace('o/main', 'captions'))

  await apply(Number(new URL(other.url).port), '#00ff00')
  expect(views.at(-1)).toMatchObject({ url: free.url, problem: expect.stringMatching('port') })
  await expect.poll(() => page.styles.at(-1)?.textColor, GENEROUS).toBe('#00ff00')

  await Promise.all([area.close(), other.close()])
  await rm(fontsDir, { recursive: true })
})
