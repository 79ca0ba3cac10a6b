import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { SpendingView } from '../api/desktop-state.ts'
import type { SpendCaps } from './spend-caps.ts'
import type { SpendLedgerDeps } from './spend-ledger.ts'
import { openSpendLedger } from './spend-ledger.ts'

const MINUTE = 60_000
const NONE: SpendCaps = { sessionMinutes: null, dayMinutes: null, monthMinutes: null }
/** Local time, as the user's calendar is. */
const EVENING = new Date(2026, 10, 30, 23, 30).getTime()

describe('what cloud engines took', () => {
  let folder = ''
  let file = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saywire-spending-'))
    file = join(folder, 'spending.json')
  })
  afterEach(async () => rm(folder, { recursive: true, force: true }))

  async function open(deps: Partial<SpendLedgerDeps> = {}) {
    const clock = { nowMs: EVENING }
    const settings = { caps: NONE }
    const views: SpendingView[] = []
    const said: string[] = []
    const relieved = vi.fn<() => void>()
    const ledger = await openSpendLedger({
      file,
      caps: () => settings.caps,
      publish: (view) => views.push(view),
      onNear: (sentence) => said.push(sentence),
      onRelief: relieved,
      onProblem: (sentence) => said.push(sentence),
      now: () => clock.nowMs,
      saveAfterMs: 10,
      ...deps,
    })
    const take = (ms: number) => {
      const meter = ledger.openMeter()
      meter.wrote(ms)
      meter.accepted(ms)
      meter.close()
    }
    return { ledger, clock, settings, views, said, relieved, take, view: () => views.at(-1) }
  }

  it('is kept over restarts, by local day and month', async () => {
    const first = await open()
    first.take(10 * MINUTE)
    await first.ledger.close()
    const next = await open()
    expect(next.view()).toMatchObject({ todayMs: 10 * MINUTE, monthMs: 10 * MINUTE, sessionMs: 0 })
    next.clock.nowMs = EVENING + 40 * MINUTE
    next.take(2 * MINUTE)
    expect(next.view()).toMatchObject({ todayMs: 2 * MINUTE, monthMs: 2 * MINUTE })
    await next.ledger.close()
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
      version: 1,
      days: { '2026-11-30': 10 * MINUTE, '2026-12-01': 2 * MINUTE },
    })
  })

  it('is on the disk soon, and not only at the end', async () => {
    const { take } = await open()
    take(MINUTE)
    await expect
      .poll(async () => readFile(file, 'utf8').catch(() => ''), { timeout: 20_000 })
      .toContain(`${MINUTE}`)
  })

  it('keeps a broken file aside, says so, and counts on', async () => {
    await writeFile(file, '{"version":1,"days":{"2026-11-30":"much"}}')
    const { ledger, said, take, view } = await open()
    expect(said).toEqual([expect.stringContaining('is kept in')])
    const aside = (await readdir(folder)).filter((name) => name.includes('broken'))
    expect(aside).toHaveLength(1)
    take(MINUTE)
    expect(view()).toMatchObject({ todayMs: MINUTE })
    await ledger.close()
  })

  it('says once that it cannot be written, and goes on', async () => {
    const gone = join(folder, 'gone')
    const { ledger, said, take } = await open({ file: join(gone, 'spending.json') })
    const fails = expect.stringContaining('cannot be written') as string
    for (const times of [1, 2, 3]) {
      take(MINUTE * times)
      await ledger.close()
      expect(said).toEqual([fails])
    }
    await mkdir(gone)
    take(MINUTE)
    await ledger.close()
    expect(await readFile(join(gone, 'spending.json'), 'utf8')).toContain(`${7 * MINUTE}`)
    await rm(gone, { recursive: true })
    take(MINUTE)
    await ledger.close()
    expect(said).toEqual([fails, fails])
  })

  it('counts what each engine session has accepted once, though it is told again and again', async () => {
    const { ledger, view } = await open()
    const [one, other] = [ledger.openMeter(), ledger.openMeter()]
    one.accepted(4000)
    one.accepted(4000)
    other.accepted(3000)
    one.accepted(9000)
    one.accepted(2000)
    expect(view()).toMatchObject({ todayMs: 12_000, sessionMs: 12_000 })
    ledger.beginSession()
    expect(view()).toMatchObject({ todayMs: 12_000, sessionMs: 0 })
    await ledger.close()
  })

  it('refuses what would go beyond a limit, with what is under way counted', async () => {
    const { ledger, settings } = await open()
    settings.caps = { ...NONE, sessionMinutes: 1 }
    ledger.check()
    const [one, other] = [ledger.openMeter(), ledger.openMeter()]
    one.wrote(40_000)
    one.accepted(30_000)
    other.wrote(19_000)
    expect(one.refusal(1000)).toBeUndefined()
    expect(one.refusal(1020)).toMatchObject({ code: 'spend_cap_reached', retryable: false })
    await ledger.close()
  })

  it('stays at a limit that has stopped an engine, until it is raised', async () => {
    const { ledger, settings, relieved } = await open()
    settings.caps = { ...NONE, dayMinutes: 1 }
    ledger.check()
    const meter = ledger.openMeter()
    meter.wrote(60_000)
    meter.accepted(57_000)
    expect(meter.refusal(20)).toBeDefined()
    meter.close()
    // Three seconds of it never arrived: no reason to connect for them again.
    expect(ledger.reached()).toMatchObject({ code: 'spend_cap_reached' })
    expect(relieved).not.toHaveBeenCalled()
    settings.caps = { ...NONE, dayMinutes: 2 }
    ledger.check()
    expect(ledger.reached()).toBeUndefined()
    expect(relieved).toHaveBeenCalledOnce()
    await ledger.close()
  })

  it('is relieved at local midnight, and of a month’s limit on its first day', async () => {
    for (const caps of [{ dayMinutes: 1 }, { monthMinutes: 1 }]) {
      await rm(file, { force: true })
      const { ledger, settings, clock, relieved, take } = await open()
      settings.caps = { ...NONE, ...caps }
      take(MINUTE)
      expect(ledger.reached()).toBeDefined()
      clock.nowMs = EVENING + 29 * MINUTE
      ledger.check()
      expect(relieved).not.toHaveBeenCalled()
      clock.nowMs = EVENING + 30 * MINUTE
      ledger.check()
      expect(relieved).toHaveBeenCalledOnce()
      expect(ledger.reached()).toBeUndefined()
      await ledger.close()
    }
  })

  it('warns once when four fifths of a limit are used', async () => {
    const { ledger, settings, said, take } = await open()
    settings.caps = { ...NONE, dayMinutes: 10 }
    take(7 * MINUTE)
    expect(said).toEqual([])
    take(MINUTE)
    take(MINUTE)
    expect(said).toEqual([expect.stringContaining('about 2 minutes left')])
    await ledger.close()
  })
})
