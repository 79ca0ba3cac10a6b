import { useId } from 'react'
import type { Percentiles } from '../../api/desktop-state.ts'
import { useDesktopState } from '../api/hooks.ts'

const STAGES = [
  ['captureToEngine', 'Microphone to engine'],
  ['engineToCaption', 'Engine to caption'],
  ['captionToPainted', 'Caption to overlay'],
  ['total', 'In all'],
] as const

const ms = (value: number | undefined): string =>
  value === undefined ? '–' : `${Math.round(value)} ms`

/** The delay until words are seen; pressed, the delay of each stage. */
export function LatencyItem() {
  const id = useId()
  const { latency } = useDesktopState()
  const shown = latency?.total ?? latency?.engineToCaption
  return (
    <li className="status-latency">
      <button type="button" className="status-item" popoverTarget={id}>
        <span className="visually-hidden">Delay: </span>
        <span>{shown ? `${Math.round(shown.p50Ms)} ms delay` : 'Delay –'}</span>
      </button>
      <div id={id} popover="auto" className="menu latency-details" role="dialog" aria-label="Delay">
        <h3>Delay from your mouth to the screen</h3>
        <table>
          <thead>
            <tr>
              <th scope="col">Stage</th>
              <th scope="col">Half within</th>
              <th scope="col">95 % within</th>
            </tr>
          </thead>
          <tbody>
            {STAGES.map(([stage, name]) => (
              <Stage key={stage} name={name} measured={latency?.[stage]} />
            ))}
          </tbody>
        </table>
        <p className="quiet-text">
          {shown
            ? `Of the last ${shown.count} captions.`
            : 'Measured once captions run and an overlay page is open.'}
          {latency?.uncertaintyMs !== undefined &&
            ` The overlay’s clock may be off by ${Math.round(latency.uncertaintyMs)} ms.`}
        </p>
      </div>
    </li>
  )
}

interface StageProps {
  readonly name: string
  readonly measured: Percentiles | undefined
}

function Stage({ name, measured }: StageProps) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{ms(measured?.p50Ms)}</td>
      <td>{ms(measured?.p95Ms)}</td>
    </tr>
  )
}
