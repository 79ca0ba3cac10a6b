import { AccountPanel } from '../account/account-panel.tsx'
import { useEffect } from 'react'
import { useClient, useSettings } from '../api/hooks.ts'
import { KeyPanel } from '../engine/key-panel.tsx'
import { LanguageSetting } from '../engine/language-setting.tsx'
import { ModelPanel } from '../engine/model-panel.tsx'
import { StepHeading } from './step-heading.tsx'

/** What the chosen engine needs before it can start. */
export function SetUpStep() {
  const client = useClient()
  const { mode } = useSettings().transcription
  useEffect(() => {
    // What goes wrong is told among the notices, and any model can be chosen without it.
    if (mode === 'local') client.models.recommend.mutate({ again: false }).catch(() => undefined)
  }, [client, mode])
  return (
    <>
      {mode === 'local' && (
        <>
          <StepHeading>Fetch the speech model</StepHeading>
          <p className="lead">Once. Afterwards captions work without the internet.</p>
          <ModelPanel />
        </>
      )}
      {mode === 'managed' && (
        <>
          <StepHeading>Your account on a Saywire server</StepHeading>
          <p className="lead">Credit is prepaid, and used by the second while captions run.</p>
          <AccountPanel />
        </>
      )}
      {mode === 'byok' && (
        <>
          <StepHeading>Your Deepgram key</StepHeading>
          <p className="lead">Create one in Deepgram’s console, then paste it here.</p>
          <KeyPanel />
        </>
      )}
      <LanguageSetting />
    </>
  )
}
