import type { StandInView } from '../../api/desktop-state.ts'
import { useClient, useDesktopState, useSettings } from '../api/hooks.ts'
import { useAction } from '../api/use-action.ts'
import { useSetting } from '../api/use-setting.ts'
import { formatBytes } from '../format/bytes.ts'
import { ActionButton } from '../ui/action-button.tsx'
import { SettingSwitch } from '../ui/setting-switch.tsx'
import { Group } from './group.tsx'

/** How captions go on while a cloud engine cannot be had. */
export function ContinuitySection() {
  const { standIn, model } = useDesktopState()
  const { transcription } = useSettings()
  const { memoryBytes } =
    model.catalogue.find(({ name }) => name === transcription.localModel) ?? {}
  const memory = memoryBytes === undefined ? '' : `: about ${formatBytes(memoryBytes)}`
  const fallback = useSetting('continuity', 'localFallback')
  const keepWarm = useSetting('continuity', 'keepWarm')
  return (
    <Group
      title="While the cloud is away"
      lead="When the network, your credit, your login or a limit ends a cloud engine, this computer captions on within two seconds, from the word where it broke off. The cloud speaks again once it has been well for a while."
    >
      <SettingSwitch
        label="Let this computer caption meanwhile"
        hint="Off: what you say is kept, and captioned when the cloud is back."
        value={fallback.value}
        problem={fallback.problem}
        onChange={fallback.set}
      />
      {fallback.value && (
        <SettingSwitch
          label="Keep its speech model ready while captions run"
          hint={`Keeps ${transcription.localModel} in memory${memory}. Off: it is loaded when it is needed, which takes a few seconds.`}
          value={keepWarm.value}
          problem={keepWarm.problem}
          onChange={keepWarm.set}
        />
      )}
      {fallback.value && transcription.mode !== 'local' && <StandInStatus standIn={standIn} />}
    </Group>
  )
}

function StandInStatus({ standIn }: { readonly standIn: StandInView }) {
  const client = useClient()
  const { model } = useDesktopState()
  const fetch = useAction(async () => client.models.fetch.mutate({ name: standIn.model }))
  const isComing = model.status === 'fetching' || model.status === 'building'
  return (
    <div className={standIn.status === 'cold' || standIn.status === 'warm' ? '' : 'callout'}>
      <p role="status">{sentenceOf(standIn, isComing)}</p>
      {standIn.status === 'missing' && !isComing && (
        <ActionButton
          className="button primary"
          isPending={fetch.isPending}
          onPress={() => fetch.run(undefined)}
        >
          Fetch the model
        </ActionButton>
      )}
      <p className="problem" role="alert">
        {fetch.problem}
      </p>
    </div>
  )
}

function sentenceOf({ status, model, sentence }: StandInView, isComing: boolean): string {
  switch (status) {
    case 'off':
      return 'No stand-in is needed.'
    case 'missing':
      return isComing
        ? `${model} is being fetched; until it is there nothing can stand in.`
        : `Nothing can stand in yet: the speech model ${model} is not on this computer.`
    case 'unfit':
      return `Nothing can stand in: ${model} knows only English. Choose a model for many languages under Transcription, Local.`
    case 'cold':
      return `${model} is on this computer and stands by.`
    case 'loading':
      return `${model} is being loaded …`
    case 'warm':
      return `${model} is in memory and can take over at once.`
    case 'failed':
      return `${model} could not be loaded beforehand: ${sentence ?? 'it is tried again when it is needed.'}`
  }
}
