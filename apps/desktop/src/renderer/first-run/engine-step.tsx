import { ModeCards } from '../engine/mode-cards.tsx'
import { StepHeading } from './step-heading.tsx'

export function EngineStep() {
  return (
    <>
      <StepHeading>Who turns speech into captions?</StepHeading>
      <p className="lead">You can change this at any time in the settings.</p>
      <ModeCards />
    </>
  )
}
