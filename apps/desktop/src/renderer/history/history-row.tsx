import { useState } from 'react'
import type { HistoryEntryView, TranscriptFormat } from '../../api/desktop-services.ts'
import { useClient } from '../api/hooks.ts'
import { useAction } from '../api/use-action.ts'
import { FORMATS } from '../captions/formats.ts'
import { formatMoment } from '../format/date.ts'
import { formatAmount } from '../format/duration.ts'
import { ActionButton } from '../ui/action-button.tsx'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { Icon } from '../ui/icon.tsx'
import { Menu } from '../ui/menu.tsx'
import { RenameForm } from './rename-form.tsx'

interface HistoryRowProps {
  readonly entry: HistoryEntryView
  onChanged(): Promise<void>
}

/** One session, and what can be done with its file. */
export function HistoryRow({ entry, onChanged }: HistoryRowProps) {
  const client = useClient()
  const { id } = entry
  const moment = formatMoment(entry.startedAtMs)
  const title = entry.title || moment
  const [mode, setMode] = useState<'shown' | 'renaming' | 'deleting'>('shown')
  const act = useAction(async (action: () => Promise<unknown>) => action())

  async function change(action: () => Promise<unknown>): Promise<void> {
    await act.run(action)
    setMode('shown')
    await onChanged()
  }

  return (
    <li className="history-row">
      <div className="history-what">
        {mode === 'renaming' ? (
          <RenameForm
            title={entry.title}
            onRename={async (next) =>
              change(async () => client.history.rename.mutate({ id, title: next }))
            }
            onCancel={() => setMode('shown')}
          />
        ) : (
          <h2>{title}</h2>
        )}
        <p className="quiet-text number">
          {entry.title && `${moment} · `}
          {formatAmount(entry.durationMs)}
        </p>
        {entry.excerpt && <p className="history-excerpt">{entry.excerpt}</p>}
        <p className="problem" role="alert">
          {act.problem}
        </p>
      </div>
      <div className="history-actions">
        <ActionButton
          className="button bare"
          label={`Show ${title} in its folder`}
          onPress={async () => act.run(async () => client.history.show.mutate({ id }))}
        >
          <Icon name="folder" />
        </ActionButton>
        <ActionButton
          className="button bare"
          label={`Rename ${title}`}
          onPress={() => setMode('renaming')}
        >
          <Icon name="edit" />
        </ActionButton>
        <ActionButton
          className="button bare"
          label={`Delete ${title}`}
          onPress={() => setMode('deleting')}
        >
          <Icon name="trash" />
        </ActionButton>
        <Menu<TranscriptFormat>
          label={`Export ${title} as`}
          items={FORMATS}
          onChoose={(format) =>
            void act.run(async () => client.history.export.mutate({ id, format }))
          }
        >
          <Icon name="save" />
          Export
        </Menu>
      </div>
      {mode === 'deleting' && (
        <ConfirmDialog
          title={`Delete “${title}”?`}
          confirmLabel="Delete"
          onConfirm={() => void change(async () => client.history.remove.mutate({ id }))}
          onClose={() => setMode('shown')}
        >
          <p>Its captions move to the system’s bin. The files in your caption folder stay.</p>
        </ConfirmDialog>
      )}
    </li>
  )
}
