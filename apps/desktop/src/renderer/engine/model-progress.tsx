import type { ModelView } from '../../api/desktop-state.ts'
import { useClient, useDesktopState } from '../api/hooks.ts'
import { useAction } from '../api/use-action.ts'
import { formatBytes } from '../format/bytes.ts'
import { ActionButton } from '../ui/action-button.tsx'
import { Icon } from '../ui/icon.tsx'

/** How far the chosen model is, and what can be done about it. The room is always the same. */
export function ModelProgress() {
  const client = useClient()
  const { model } = useDesktopState()
  const fetch = useAction(async () => client.models.fetch.mutate({ name: model.name }))
  const isWorking = model.status === 'fetching' || model.status === 'building' || model.isMeasuring
  const hasPart = model.receivedBytes > 0
  return (
    <div className="model-progress" data-status={model.status}>
      <p className="model-status" role="status">
        {model.status === 'ready' && <Icon name="check" />}
        {model.status === 'failed' && <Icon name="warning" />}
        {headline(model)}
      </p>
      {isWorking ? (
        <progress aria-label={headline(model)} max={100} value={percentOf(model)} />
      ) : (
        <div className="progress-room" />
      )}
      <div className="model-actions">
        <p className="quiet-text number">{detail(model)}</p>
        {isWorking && (
          <ActionButton
            className="button quiet"
            onPress={async () => client.models.cancel.mutate()}
          >
            Cancel
          </ActionButton>
        )}
        {!isWorking && (model.status === 'missing' || model.status === 'failed') && (
          <ActionButton
            className="button primary"
            isPending={fetch.isPending}
            onPress={() => fetch.run(undefined)}
          >
            {model.status === 'failed' ? 'Try again' : hasPart ? 'Resume' : 'Fetch the model'}
          </ActionButton>
        )}
      </div>
      {model.status !== 'failed' && (
        <p className="problem" role="alert">
          {fetch.problem}
        </p>
      )}
    </div>
  )
}

/** Undefined where nobody can tell. */
function percentOf(model: ModelView) {
  const { status, receivedBytes, totalBytes, buildPercent, isMeasuring } = model
  if (isMeasuring) return undefined
  if (status === 'building') return buildPercent
  return totalBytes ? (receivedBytes / totalBytes) * 100 : undefined
}

function headline(model: ModelView): string {
  if (model.isMeasuring) return 'Measuring this computer …'
  const percent = percentOf(model)
  const shown = percent === undefined ? '' : ` ${Math.floor(percent)} %`
  switch (model.status) {
    case 'ready':
      return `${model.name} is ready.`
    case 'fetching':
      return `Fetching ${model.name} …${shown}`
    case 'building':
      return `Building the speech library …${shown}`
    case 'failed':
      return `${model.name} could not be fetched.`
    case 'missing':
      return `${model.name} is not on this computer yet.`
  }
}

function detail(model: ModelView): string {
  const { status, receivedBytes, totalBytes, sentence } = model
  if (model.isMeasuring) return 'It takes two seconds, and shows which model is right for it.'
  if (sentence && status !== 'ready') return sentence
  if (status === 'ready') return 'Captions work without the internet.'
  if (status === 'building') return 'Once, for this computer. It takes a minute or two.'
  const total = totalBytes === undefined ? '' : ` of ${formatBytes(totalBytes)}`
  return receivedBytes > 0
    ? `${formatBytes(receivedBytes)}${total}`
    : total && `About${total.slice(3)}.`
}
