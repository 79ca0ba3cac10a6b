import { DEFAULT_MODEL } from '@saywire/speech/whisper'
import type { LocalModel } from '../models/local-model.ts'
import type { SettingsStore } from '../settings/settings-store.ts'
import type { StateStore } from './state-store.ts'

export interface RecommendModelDeps {
  readonly settings: Pick<SettingsStore, 'get' | 'onChange' | 'update'>
  readonly model: Pick<LocalModel, 'recommend' | 'canHave'>
  readonly store: Pick<StateStore, 'get'>
}

/**
 * Measures this computer where that is due. In the first run the recommended model is chosen once,
 * unless the user has chosen or fetched one already, or it is nowhere to be had.
 */
export async function recommendModel(deps: RecommendModelDeps, again: boolean): Promise<void> {
  const { settings, model, store } = deps
  let chosen = settings.get().transcription.localModel
  let isChosen = chosen !== DEFAULT_MODEL
  const unwatch = settings.onChange(({ transcription: { localModel } }) => {
    if (localModel !== chosen) isChosen = true
    chosen = localModel
  })
  /** The user may choose or begin to fetch one at any moment, also the default. */
  const isLeftToUs = () =>
    !isChosen &&
    !settings.get().app.firstRunDone &&
    store.get().model.status === 'missing' &&
    !store.get().model.catalogue.some(({ isPresent }) => isPresent)
  try {
    const isMeasured = await model.recommend(again)
    const { recommended } = store.get().model
    if (!isMeasured || !recommended || !isLeftToUs()) return
    if (!(await model.canHave(recommended.name)) || !isLeftToUs()) return
    settings.update({ transcription: { localModel: recommended.name } })
  } finally {
    unwatch()
  }
}
