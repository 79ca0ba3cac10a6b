import { useClient, useDesktopState } from '../api/hooks.ts'
import { useAction } from '../api/use-action.ts'
import { useSetting } from '../api/use-setting.ts'
import { formatBytes } from '../format/bytes.ts'
import { ActionButton } from '../ui/action-button.tsx'
import { SettingSelect } from '../ui/setting-choice.tsx'
import { ModelProgress } from './model-progress.tsx'

const ADVICE: Readonly<Record<string, string>> = {
  'tiny.en': 'fastest, English',
  'base.en': 'recommended, English',
  'small.en': 'more accurate, English, needs a fast computer',
  'base.en-q5_1': 'smaller download, English',
  tiny: 'fastest, many languages',
  base: 'recommended, many languages',
  'base-q5_1': 'smaller download, many languages',
  'base-q8_0': 'small download, many languages',
  small: 'more accurate, many languages, needs a fast computer',
}

/** Which model the local engine uses, and fetching it. */
export function ModelPanel() {
  const client = useClient()
  const { model } = useDesktopState()
  const chosen = useSetting('transcription', 'localModel')
  const remove = useAction(async () => client.models.remove.mutate({ name: model.name }))
  const options = model.catalogue.map(({ name, sizeBytes, languages, isPresent }) => ({
    value: name,
    name: [
      name,
      ADVICE[name] ?? (languages === 'english' ? 'English' : 'many languages'),
      sizeBytes === undefined ? undefined : formatBytes(sizeBytes),
      isPresent ? 'fetched' : undefined,
    ]
      .filter(Boolean)
      .join(' · '),
  }))
  if (!options.some(({ value }) => value === chosen.value)) {
    options.push({ value: chosen.value, name: chosen.value })
  }
  return (
    <div className="model-panel">
      <SettingSelect
        label="Model"
        value={chosen.value}
        options={options}
        problem={chosen.problem}
        onChoose={chosen.set}
      />
      <ModelProgress />
      {model.status === 'ready' && (
        <ActionButton
          className="button quiet"
          isPending={remove.isPending}
          onPress={() => remove.run(undefined)}
        >
          Remove this model
        </ActionButton>
      )}
      <p className="problem" role="alert">
        {remove.problem}
      </p>
    </div>
  )
}
