import { useId } from 'react'

interface ColourFieldProps {
  readonly label: string
  /** `#rrggbb` or, with alpha, `#rrggbbaa`. */
  readonly value: string
  onChange(value: string): void
}

const OPAQUE = 255

/** A colour, and how much of what is behind it shows. */
export function ColourField({ label, value, onChange }: ColourFieldProps) {
  const id = useId()
  const colour = value.slice(0, 7)
  const alpha = value.length > 7 ? Number.parseInt(value.slice(7), 16) : OPAQUE
  const percent = Math.round((alpha / OPAQUE) * 100)
  return (
    <div className="slider">
      <label htmlFor={id}>{label}</label>
      <span className="colour">
        <input
          id={id}
          type="color"
          value={colour}
          onChange={({ target }) => onChange(withAlpha(target.value, alpha))}
        />
        <input
          type="range"
          aria-label={`${label}, opacity`}
          aria-valuetext={`${percent} %`}
          min={0}
          max={OPAQUE}
          value={alpha}
          onChange={({ target }) => onChange(withAlpha(colour, target.valueAsNumber))}
        />
      </span>
      <output htmlFor={id} className="number">
        {percent} %
      </output>
    </div>
  )
}

function withAlpha(colour: string, alpha: number): string {
  return alpha === OPAQUE ? colour : colour + alpha.toString(16).padStart(2, '0')
}
