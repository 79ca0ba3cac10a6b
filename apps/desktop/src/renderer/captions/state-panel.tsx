import { useDesktopState } from '../api/hooks.ts'
import { LevelMeter } from '../microphone/level-meter.tsx'
import { Icon } from '../ui/icon.tsx'
import { lookOf } from './indicator-look.ts'
import { MutedSentence } from './muted-sentence.tsx'
import { NextTry } from './next-try.tsx'
import { SessionClock } from './session-clock.tsx'
import { StateActions } from './state-actions.tsx'

/**
 * How captioning goes, so that it cannot be misread: colour, picture, word and sentence. The meter
 * moves while captions run only: otherwise nothing is recorded, not even for a picture.
 */
export function StatePanel() {
  const { session } = useDesktopState()
  const look = lookOf(session.indicator)
  const hasSound = session.isRunning && session.indicator !== 'no_microphone'
  const sentence = session.sentence ?? look.sentence
  return (
    <section className="state-panel" aria-label="State" data-tone={look.tone}>
      <div className="state-sign" data-busy={look.isBusy ?? false}>
        <Icon name={look.icon} />
      </div>
      <div className="state-words">
        <div className="state-head">
          <p className="state-word" role="status">
            {look.word}
          </p>
          {session.startedAtMs !== undefined && <SessionClock startedAtMs={session.startedAtMs} />}
        </div>
        {session.indicator === 'muted' ? (
          <MutedSentence sentence={sentence} />
        ) : (
          <p className="state-sentence" title={sentence}>
            {sentence}
            {session.nextTryAtMs !== undefined && <NextTry atMs={session.nextTryAtMs} />}
          </p>
        )}
      </div>
      <StateActions />
      <div className="state-meter">
        {hasSound ? <LevelMeter /> : <div className="level-meter" />}
      </div>
    </section>
  )
}
