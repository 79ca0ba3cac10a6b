import { useDesktopState, useSettings } from '../api/hooks.ts'

/** Whether the engine is the local one, with a model that knows English only. */
export function useIsEnglishOnly(): boolean {
  const { catalogue } = useDesktopState().model
  const { mode, localModel } = useSettings().transcription
  const model = catalogue.find(({ name }) => name === localModel)
  return mode === 'local' && model?.languages === 'english'
}
