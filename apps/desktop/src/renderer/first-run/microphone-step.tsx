import { LevelCheck } from '../microphone/level-check.tsx'
import { MicrophoneOrder } from '../microphone/microphone-order.tsx'
import { StepHeading } from './step-heading.tsx'

export function MicrophoneStep() {
  return (
    <>
      <StepHeading>Which microphone do you speak into?</StepHeading>
      <p className="lead">
        The first one that is plugged in is used. If it is unplugged, captions go on with the next.
      </p>
      <LevelCheck />
      <MicrophoneOrder />
    </>
  )
}
