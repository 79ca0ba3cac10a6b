import type { SpeechEngine } from '@saywire/speech'
import { SpeechError } from '@saywire/speech'
import { expect, it, vi } from 'vitest'
import type { DesktopState, StandInView } from '../api/desktop-state.ts'
import { settle } from '../core/testing/recovering-session.ts'
import type { SettingsPatch } from '../settings/settings.ts'
import { settingsSchema } from '../settings/settings.ts'
import { applyPatch } from '../settings/settings-patch.ts'
import { initialState } from './initial-state.ts'
import { createStandIn } from './stand-in.ts'

interface WarmEngine extends SpeechEngine {
  readonly model: string
  isWarm: boolean
  isDisposed: boolean
}

function setUp(warming: () => Promise<void> = async () => undefined) {
  let settings = applyPatch(settingsSchema.parse({}), { transcription: { mode: 'byok' } })
  let model: DesktopState['model'] = {
    ...initialState('keychain').model,
    name: 'base.en-q8_0',
    status: 'ready',
    catalogue: [
      {
        name: 'base.en-q8_0',
        languages: 'english',
        sizeBytes: undefined,
        memoryBytes: undefined,
        isPresent: true,
        strain: undefined,
      },
      {
        name: 'tiny',
        languages: 'multilingual',
        sizeBytes: undefined,
        memoryBytes: undefined,
        isPresent: true,
        strain: undefined,
      },
    ],
  }
  const engines: WarmEngine[] = []
  const views: StandInView[] = []
  const onUsable = vi.fn<(isUsable: boolean) => void>()
  const standIn = createStandIn({
    settings: () => settings,
    model: () => model,
    createEngine(name) {
      const engine: WarmEngine = {
        model: name,
        isWarm: false,
        isDisposed: false,
        open: async () => Promise.reject(new Error('not asked for')),
        async warm() {
          await warming()
          engine.isWarm = true
        },
        cool() {
          engine.isWarm = false
        },
        async dispose() {
          engine.isWarm = false
          engine.isDisposed = true
        },
      }
      engines.push(engine)
      return engine
    },
    publish: (view) => views.push(view),
    onUsable,
  })
  standIn.check()
  return {
    standIn,
    engines,
    onUsable,
    status: () => views.at(-1)?.status,
    view: () => views.at(-1),
    set(patch: SettingsPatch) {
      settings = applyPatch(settings, patch)
      standIn.check()
    },
    remove() {
      model = { ...model, status: 'missing', catalogue: [] }
      standIn.check()
    },
  }
}

it('holds the model in memory while a session with a cloud engine runs, and not longer', async () => {
  const { standIn, engines, status } = setUp()
  expect([status(), engines.length]).toEqual(['cold', 0])
  standIn.begin()
  await settle()
  expect([status(), engines.length, engines[0]?.isWarm]).toEqual(['warm', 1, true])
  expect(standIn.engine()).toBe(engines[0])
  await standIn.end()
  expect([status(), engines.length, engines[0]?.isWarm]).toEqual(['cold', 1, false])
})

it('loads another model when one is chosen, and lets the first go unless it has spoken', async () => {
  const { standIn, engines, set } = setUp()
  standIn.begin()
  set({ transcription: { localModel: 'tiny' } })
  await settle()
  expect(engines.map(({ model, isDisposed }) => [model, isDisposed])).toEqual([
    ['base.en-q8_0', true],
    ['tiny', false],
  ])
  standIn.engine()
  set({ transcription: { localModel: 'base.en-q8_0' } })
  await settle()
  expect(engines.map(({ isDisposed }) => isDisposed)).toEqual([true, false, false])
  await standIn.end()
  expect(engines.every(({ isDisposed }) => isDisposed)).toBe(true)
})

it('loads nothing beforehand where the user does not want that, and at once where they do', async () => {
  const { standIn, engines, status, set } = setUp()
  set({ continuity: { keepWarm: false } })
  standIn.begin()
  expect([status(), engines.length]).toEqual(['cold', 0])
  set({ continuity: { keepWarm: true } })
  await settle()
  expect(status()).toBe('warm')
  set({ continuity: { keepWarm: false } })
  await settle()
  expect([status(), engines[0]?.isDisposed]).toEqual(['cold', true])
  await standIn.end()
})

it('never stands in where the user has switched it off, and says when that changes', async () => {
  const { standIn, onUsable, set, status } = setUp()
  expect(onUsable.mock.calls).toEqual([[true]])
  set({ continuity: { localFallback: false } })
  expect([status(), standIn.isUsable]).toEqual(['off', false])
  expect(onUsable).toHaveBeenLastCalledWith(false)
  expect(() => standIn.engine()).toThrow(SpeechError)
  set({ continuity: { localFallback: true } })
  expect(onUsable).toHaveBeenLastCalledWith(true)
})

it('says what is missing: the model, the language, or a cloud engine to stand in for', () => {
  const { standIn, status, set, remove } = setUp()
  set({ transcription: { language: 'de' } })
  expect([status(), standIn.isUsable]).toEqual(['unfit', false])
  set({ transcription: { mode: 'local' } })
  expect([status(), standIn.isUsable]).toEqual(['off', false])
  set({ transcription: { mode: 'managed', language: 'en' } })
  expect(status()).toBe('cold')
  remove()
  expect([status(), standIn.isUsable]).toEqual(['missing', false])
})

it('says why the model cannot be loaded, and is tried again when it is needed', async () => {
  const { standIn, engines, view } = setUp(async () =>
    Promise.reject(new SpeechError('engine_failed', 'It does not fit.')),
  )
  standIn.begin()
  await settle()
  expect(view()).toMatchObject({ status: 'failed', sentence: 'It does not fit.' })
  expect(standIn.engine()).toBe(engines[0])
  await standIn.end()
})

it('gives memory back in mid-session where it is not wished for, or the model is removed, though it has spoken', async () => {
  const { standIn, engines, set, status, remove } = setUp()
  standIn.begin()
  await settle()
  standIn.engine()
  set({ continuity: { localFallback: false } })
  expect([status(), engines[0]?.isWarm, engines[0]?.isDisposed]).toEqual(['off', false, false])
  set({ continuity: { localFallback: true } })
  await settle()
  expect([status(), engines[0]?.isWarm]).toEqual(['warm', true])
  set({ continuity: { keepWarm: false } })
  expect([status(), engines[0]?.isWarm]).toEqual(['cold', false])
  set({ continuity: { keepWarm: true } })
  await settle()
  remove()
  expect([status(), engines[0]?.isWarm]).toEqual(['missing', false])
  await standIn.end()
  expect(engines.map(({ isDisposed }) => isDisposed)).toEqual([true])
})
