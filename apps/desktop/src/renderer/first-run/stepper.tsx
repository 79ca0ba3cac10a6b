import { Icon } from '../ui/icon.tsx'

interface StepperProps {
  readonly steps: readonly string[]
  readonly at: number
  onGo(step: number): void
}

/** Where one is; each step can be gone to. */
export function Stepper({ steps, at, onGo }: StepperProps) {
  return (
    <nav aria-label="Set-up">
      <ol className="stepper">
        {steps.map((name, step) => (
          <li key={name} data-done={step < at}>
            <button
              type="button"
              aria-current={step === at ? 'step' : undefined}
              onClick={() => onGo(step)}
            >
              <span className="step-number" aria-hidden="true">
                {step < at ? <Icon name="check" /> : step + 1}
              </span>
              <span className="step-name">{name}</span>
            </button>
          </li>
        ))}
      </ol>
    </nav>
  )
}
