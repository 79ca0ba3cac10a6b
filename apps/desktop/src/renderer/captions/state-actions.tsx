import { useClient, useDesktopState } from '../api/hooks.ts'
import { useAction } from '../api/use-action.ts'
import { ariaKeys, shownKeys } from '../layout/shortcuts.ts'
import { Icon } from '../ui/icon.tsx'

/** Start or stop, and mute. Where Start is disabled, its reasons are listed under `start-blockers`. */
export function StateActions() {
  const client = useClient()
  const { session } = useDesktopState()
  const { isRunning, isMuted, startBlockers } = session
  const toggle = useAction(async () =>
    isRunning ? client.session.stop.mutate() : client.session.start.mutate(),
  )
  const isBlocked = !isRunning && startBlockers.length > 0
  const isOff = isBlocked || toggle.isPending || session.indicator === 'stopping'
  return (
    <div className="state-actions">
      <button
        type="button"
        className={isRunning ? 'button start' : 'button primary start'}
        aria-disabled={isOff}
        aria-keyshortcuts={ariaKeys('toggle')}
        aria-describedby={isBlocked ? 'start-blockers' : undefined}
        onClick={() => {
          if (!isOff) void toggle.run(undefined)
        }}
      >
        <span>
          <Icon name={isRunning ? 'stop' : 'play'} />
          {isRunning ? 'Stop' : 'Start'}
        </span>
        <span className="key" aria-hidden="true">
          {shownKeys('toggle')}
        </span>
      </button>
      <button
        type="button"
        className="button"
        aria-pressed={isMuted}
        aria-disabled={!isRunning}
        aria-keyshortcuts={ariaKeys('mute')}
        onClick={() => {
          if (isRunning) void client.session.mute.mutate({ muted: !isMuted })
        }}
      >
        <span>
          <Icon name={isMuted ? 'microphoneOff' : 'microphone'} />
          {isMuted ? 'Muted' : 'Mute'}
        </span>
        <span className="key" aria-hidden="true">
          {shownKeys('mute')}
        </span>
      </button>
      <p className="state-problem" role="alert">
        {toggle.problem}
      </p>
    </div>
  )
}
