import { DEFAULT_MODEL } from '@saywire/speech/whisper'
import type { LocalModel } from '../models/local-model.ts'
import type { SettingsStore } from '../settings/settings-store.ts'
import type { StateStore } from './state-store.ts'

export interface RecommendModelDeps {
  readonly settings: Pick<SettingsStore, 'get' | 'update'>
  readonly model: Pick<LocalModel, 'recommend' | 'canHave'>
  readonly store: Pick<StateStore, 'get'>
}

/**
 * Measures this computer where that is due. In the first run the recommended model is chosen once,
 * unless the user has chosen or fetched one already, or it is nowhere to be had.
 */
export async function recommendModel(deps: RecommendModelDeps, again: boolean): Promise<void> {
  const { settings, model, store } = deps
  const isMeasured = await model.recommend(again)
  const { recommended, catalogue } = store.get().model
  if (!isMeasured || !recommended || settings.get().app.firstRunDone) return
  if (catalogue.some(({ isPresent }) => isPresent)) return
  if (!(await model.canHave(recommended.name))) return
  // Asked last: the user may have chosen meanwhile.
  if (settings.get().transcription.localModel !== DEFAULT_MODEL) return
  settings.update({ transcription: { localModel: recommended.name } })
}
