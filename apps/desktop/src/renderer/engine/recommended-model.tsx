import { useClient, useDesktopState } from '../api/hooks.ts'
import { useAction } from '../api/use-action.ts'
import { useSetting } from '../api/use-setting.ts'
import { ActionButton } from '../ui/action-button.tsx'

/** Which model is right for this computer, and why; measures it where that is not known. */
export function RecommendedModel() {
  const client = useClient()
  const { model } = useDesktopState()
  const { recommended } = model
  const chosen = useSetting('transcription', 'localModel')
  const measure = useAction(async () =>
    client.models.recommend.mutate({ again: recommended !== undefined }),
  )
  const isBusy = model.isMeasuring || model.status === 'building' || model.status === 'fetching'
  return (
    <section className="recommended-model" aria-label="Recommended for this computer">
      <div aria-live="polite">
        {recommended ? (
          <>
            <p>
              Recommended for this computer: <strong>{recommended.name}</strong>
            </p>
            <p className="quiet-text">{recommended.because}</p>
          </>
        ) : (
          <p className="quiet-text">
            Saywire can measure this computer and recommend a model: it takes two seconds.
          </p>
        )}
      </div>
      <div className="recommended-actions">
        {recommended && recommended.name !== chosen.value && (
          <ActionButton className="button" onPress={() => chosen.set(recommended.name)}>
            {`Use ${recommended.name}`}
          </ActionButton>
        )}
        <ActionButton
          className="button quiet"
          isPending={measure.isPending || isBusy}
          onPress={() => measure.run(undefined)}
        >
          {recommended ? 'Measure again' : 'Measure this computer'}
        </ActionButton>
      </div>
      <p className="problem" role="alert">
        {measure.problem}
      </p>
    </section>
  )
}
