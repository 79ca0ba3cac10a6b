import { useClient, useDesktopState } from '../api/hooks.ts'
import { useAction } from '../api/use-action.ts'
import { useSetting } from '../api/use-setting.ts'
import { ActionButton } from '../ui/action-button.tsx'
import { SecretForm } from '../ui/secret-form.tsx'
import { SettingText } from '../ui/setting-text.tsx'
import { SecretStatement } from './secret-statement.tsx'

/** The user's own Deepgram key, which can be entered and forgotten but never read, and the model. */
export function KeyPanel() {
  const client = useClient()
  const { deepgramKey } = useDesktopState()
  const model = useSetting('transcription', 'deepgramModel')
  const enter = useAction(async (key: string) => client.deepgram.setKey.mutate({ key }))
  const remove = useAction(async () => client.deepgram.removeKey.mutate())
  const { status, hint, sentence } = deepgramKey
  const isKept = status !== 'none' && status !== 'invalid'
  return (
    <div className="key-panel">
      <SecretForm
        label="Deepgram API key"
        submitLabel={isKept ? 'Replace' : 'Check and keep'}
        hint="It is checked with Deepgram at once, then kept out of sight of this window."
        placeholder={hint ? `kept, ends in ${hint}` : undefined}
        isPending={enter.isPending || status === 'checking'}
        problem={enter.problem ?? (status === 'invalid' ? sentence : undefined)}
        onSubmit={enter.run}
      />
      <p className="key-status" role="status">
        {status === 'valid' && <span className="chip good">Deepgram accepts this key</span>}
        {status === 'unverified' && <span className="chip warn">Not checked yet</span>}
        {status === 'checking' && <span className="chip">Checking …</span>}
        {status !== 'invalid' && sentence && <span className="quiet-text">{sentence}</span>}
      </p>
      {isKept && (
        <ActionButton
          className="button quiet"
          isPending={remove.isPending}
          onPress={() => remove.run(undefined)}
        >
          Forget this key
        </ActionButton>
      )}
      <SettingText
        label="Deepgram model"
        value={model.value}
        problem={model.problem}
        isShort
        onCommit={async (value) => model.set(value)}
      />
      <SecretStatement />
    </div>
  )
}
