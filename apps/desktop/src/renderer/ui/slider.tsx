import { useId } from 'react'

interface SliderProps {
  readonly label: string
  readonly value: number
  readonly range: { readonly min: number; readonly max: number; readonly step: number }
  /** Of the value in words, `44 px`. */
  readonly words: string
  onChange(value: number): void
}

/** A number between two ends. The number stands beside it and keeps its room. */
export function Slider({ label, value, range, words, onChange }: SliderProps) {
  const id = useId()
  return (
    <div className="slider">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="range"
        {...range}
        value={value}
        aria-valuetext={words}
        onChange={({ target }) => onChange(target.valueAsNumber)}
      />
      <output htmlFor={id} className="number">
        {words}
      </output>
    </div>
  )
}
