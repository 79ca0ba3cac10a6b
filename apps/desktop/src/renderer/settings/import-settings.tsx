import { useState } from 'react'
import type { ImportReport } from '../../api/desktop-services.ts'
import { useClient } from '../api/hooks.ts'
import { useAction } from '../api/use-action.ts'
import { ActionButton } from '../ui/action-button.tsx'
import { Group } from './group.tsx'

/** Takes over the settings of the Python app. */
export function ImportSettings() {
  const client = useClient()
  const [report, setReport] = useState<ImportReport>()
  const load = useAction(async () => client.settings.importYaml.mutate({}))
  return (
    <Group
      title="Settings of the Python app"
      lead="Choose its YAML file. Keys and logins in it move to where this app keeps secrets."
    >
      <ActionButton
        isPending={load.isPending}
        onPress={async () => setReport((await load.run(undefined)) ?? undefined)}
      >
        Import …
      </ActionButton>
      <div role="status" className="import-report">
        {report && <Sentences title="Imported" sentences={report.imported} />}
        {report && <Sentences title="Moved out of the file" sentences={report.secretsMoved} />}
        {report && <Sentences title="Not imported" sentences={report.problems} />}
      </div>
      <p className="problem" role="alert">
        {load.problem}
      </p>
    </Group>
  )
}

interface SentencesProps {
  readonly title: string
  readonly sentences: readonly string[]
}

function Sentences({ title, sentences }: SentencesProps) {
  if (sentences.length === 0) return null
  return (
    <>
      <h3>{title}</h3>
      <ul className="bullets">
        {sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </>
  )
}
