import { DEFAULT_MODEL } from '@saywire/speech/whisper'
import { describe, expect, it } from 'vitest'
import type { ModelView } from '../api/desktop-state.ts'
import type { LocalModel } from '../models/local-model.ts'
import type { Settings, SettingsPatch } from '../settings/settings.ts'
import { settingsSchema } from '../settings/settings.ts'
import { applyPatch } from '../settings/settings-patch.ts'
import { initialState } from './initial-state.ts'
import { recommendModel } from './recommend-model.ts'

interface Case {
  readonly settings?: SettingsPatch
  readonly shown?: Partial<ModelView>
  readonly isMeasured?: boolean
  readonly canHave?: boolean
  /** What the user does while it is looked up whether the model can be had. */
  readonly meanwhile?: 'fetches the default' | 'comes back to the default'
}

/** The model that is chosen afterwards, of a computer for which small.en is right. */
async function chosenAfter({
  settings: patch = {},
  shown,
  isMeasured = true,
  canHave = true,
  meanwhile,
}: Case = {}) {
  let settings = applyPatch(settingsSchema.parse({}), patch)
  const recommended = { name: 'small.en', because: 'It is fast.' }
  const state = initialState('keychain')
  let status: ModelView['status'] = 'missing'
  const listeners = new Set<(next: Settings) => void>()
  const model: Pick<LocalModel, 'recommend' | 'canHave'> = {
    recommend: async () => isMeasured,
    async canHave() {
      if (meanwhile === 'fetches the default') status = 'fetching'
      if (meanwhile === 'comes back to the default') {
        for (const localModel of ['tiny', DEFAULT_MODEL]) update({ transcription: { localModel } })
      }
      return canHave
    },
  }
  function update(next: SettingsPatch) {
    settings = applyPatch(settings, next)
    for (const listener of listeners) listener(settings)
    return settings
  }
  function onChange(listener: (next: Settings) => void) {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }
  const store = {
    get: () => ({ ...state, model: { ...state.model, recommended, status, ...shown } }),
  }
  await recommendModel({ settings: { get: () => settings, onChange, update }, model, store }, false)
  expect(listeners.size).toBe(0)
  return settings.transcription.localModel
}

const here = {
  name: 'tiny.en',
  sizeBytes: undefined,
  memoryBytes: undefined,
  languages: 'english',
  isPresent: true,
  strain: undefined,
} as const

describe('the first run', () => {
  it('chooses the model that is right for this computer', async () => {
    expect(await chosenAfter()).toBe('small.en')
  })

  it.each<[string, Case]>([
    ['the set-up was done before', { settings: { app: { firstRunDone: true } } }],
    ['a model is here already', { shown: { catalogue: [here] } }],
    ['it was known already', { isMeasured: false }],
    ['none is known', { shown: { recommended: undefined } }],
    ['it cannot be fetched from anywhere', { canHave: false }],
    ['the user fetches another meanwhile', { meanwhile: 'fetches the default' }],
    ['the user comes back to it meanwhile', { meanwhile: 'comes back to the default' }],
  ])('leaves the choice as it is where %s', async (_when, given) => {
    expect(await chosenAfter(given)).toBe(DEFAULT_MODEL)
  })

  it('leaves to the user what they have chosen', async () => {
    const settings = { transcription: { localModel: 'tiny' } }
    expect(await chosenAfter({ settings })).toBe('tiny')
  })
})
