import { DEFAULT_MODEL } from '@saywire/speech/whisper'
import { describe, expect, it } from 'vitest'
import type { ModelView } from '../api/desktop-state.ts'
import type { LocalModel } from '../models/local-model.ts'
import type { SettingsPatch } from '../settings/settings.ts'
import { settingsSchema } from '../settings/settings.ts'
import { applyPatch } from '../settings/settings-patch.ts'
import { initialState } from './initial-state.ts'
import { recommendModel } from './recommend-model.ts'

interface Case {
  readonly settings?: SettingsPatch
  readonly shown?: Partial<ModelView>
  readonly isMeasured?: boolean
  readonly canHave?: boolean
}

/** The model that is chosen afterwards, of a computer for which small.en is right. */
async function chosenAfter({
  settings: patch = {},
  shown,
  isMeasured = true,
  canHave = true,
}: Case = {}) {
  let settings = applyPatch(settingsSchema.parse({}), patch)
  const recommended = { name: 'small.en', because: 'It is fast.' }
  const state = initialState('keychain')
  const model: Pick<LocalModel, 'recommend' | 'canHave'> = {
    recommend: async () => isMeasured,
    canHave: async () => canHave,
  }
  const update = (next: SettingsPatch) => (settings = applyPatch(settings, next))
  const store = { get: () => ({ ...state, model: { ...state.model, recommended, ...shown } }) }
  await recommendModel({ settings: { get: () => settings, update }, model, store }, false)
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
  ])('leaves the choice as it is where %s', async (_when, given) => {
    expect(await chosenAfter(given)).toBe(DEFAULT_MODEL)
  })

  it('leaves to the user what they have chosen', async () => {
    const settings = { transcription: { localModel: 'tiny' } }
    expect(await chosenAfter({ settings })).toBe('tiny')
  })
})
