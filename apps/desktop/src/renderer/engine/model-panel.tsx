import { useClient, useDesktopState } from '../api/hooks.ts'
import { useAction } from '../api/use-action.ts'
import { useSetting } from '../api/use-setting.ts'
import { formatBytes } from '../format/bytes.ts'
import { ActionButton } from '../ui/action-button.tsx'
import { SettingSelect } from '../ui/setting-choice.tsx'
import { ModelProgress } from './model-progress.tsx'
import { RecommendedModel } from './recommended-model.tsx'

const STRAIN = {
  slow: 'may fall behind on this computer',
  memory: 'needs more memory than this computer can spare',
} as const

/** Which model the local engine uses, and fetching it. */
export function ModelPanel() {
  const client = useClient()
  const { model } = useDesktopState()
  const chosen = useSetting('transcription', 'localModel')
  const remove = useAction(async () => client.models.remove.mutate({ name: model.name }))
  const options = model.catalogue.map(({ name, sizeBytes, languages, isPresent, strain }) => ({
    value: name,
    name: [
      name,
      languages === 'english' ? 'English' : 'many languages',
      sizeBytes === undefined ? undefined : formatBytes(sizeBytes),
      isPresent ? 'fetched' : undefined,
      name === model.recommended?.name ? 'recommended' : undefined,
      strain && STRAIN[strain],
    ]
      .filter(Boolean)
      .join(' · '),
  }))
  if (!options.some(({ value }) => value === chosen.value)) {
    options.push({ value: chosen.value, name: chosen.value })
  }
  const strain = model.catalogue.find(({ name }) => name === chosen.value)?.strain
  return (
    <div className="model-panel">
      <RecommendedModel />
      <SettingSelect
        label="Model"
        value={chosen.value}
        options={options}
        problem={chosen.problem}
        onChoose={chosen.set}
      />
      {strain && <p className="strain">{`${chosen.value} ${STRAIN[strain]}.`}</p>}
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
