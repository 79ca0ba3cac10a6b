import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DesktopEnv } from '../env.ts'
import { readEnv } from '../env.ts'
import { dayOf } from '../spending/spent-days.ts'
import type { DesktopStage } from '../testing/desktop-stage.ts'
import { SOON, setDesktopStage } from '../testing/desktop-stage.ts'

describe('a limit that was reached before', { timeout: 180_000 }, () => {
  let stage: DesktopStage
  beforeEach(async () => {
    stage = await setDesktopStage()
    const days = { [dayOf(Date.now())]: 120_000 }
    const spent = JSON.stringify({ version: 1, days })
    await writeFile(join(stage.folder, 'spending.json'), spent)
  })
  afterEach(async () => stage[Symbol.asyncDispose]())

  async function open(env: Partial<DesktopEnv>): Promise<void> {
    const settings = { transcription: { mode: 'byok' }, spendCaps: { monthMinutes: 2 } } as const
    await stage.open({ env, settings })
    await stage.useKey()
  }

  it('starts on this computer at once where that can caption, and connects nowhere', async () => {
    const { modelsDir, nativeDir } = readEnv()
    await open({ modelsDir, nativeDir })
    await stage.start()
    await expect.poll(stage.indicator, SOON).toBe('fallback')
    const { session, spending } = await stage.state()
    expect(session.trouble).toContain('limit of 2 minutes of cloud captions a month')
    expect(spending).toMatchObject({ reached: 'month', monthMs: 120_000, sessionMs: 0 })
    expect(stage.deepgram.connections).toHaveLength(0)

    // Nothing stands in any more: what is said waits, and the session goes on.
    await stage.update({ continuity: { localFallback: false } })
    await expect.poll(stage.indicator, SOON).toBe('cap_reached')
    expect((await stage.state()).session.isRunning).toBe(true)
    await stage.update({ spendCaps: { monthMinutes: 3 } })
    await expect.poll(stage.indicator, SOON).toBe('listening')
    await expect.poll(async () => (await stage.state()).spending.sessionMs, SOON).toBeGreaterThan(0)
    await stage.stop()
  })

  it('cannot start where nothing can stand in, and says why and what to do', async () => {
    await open({ modelsDir: join(stage.folder, 'models') })
    const blockers = async () => (await stage.state()).session.startBlockers
    await expect.poll(blockers, SOON).toMatchObject([{ code: 'cap_reached' }])
    await expect(stage.start()).rejects.toMatchObject({
      message: expect.stringContaining('raise it under Limits in the settings') as string,
    })
    await stage.update({ spendCaps: { monthMinutes: null } })
    await expect.poll(blockers, SOON).toEqual([])
    await stage.start()
    await expect.poll(stage.indicator, SOON).toBe('listening')
    await stage.stop()
  })
})
