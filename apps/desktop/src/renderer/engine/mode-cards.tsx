import { useSetting } from '../api/use-setting.ts'
import { Icon } from '../ui/icon.tsx'
import { MODES } from './modes.ts'

/** The three engines as cards: what each costs, and where the audio goes. */
export function ModeCards() {
  const mode = useSetting('transcription', 'mode')
  return (
    <fieldset className="mode-cards">
      <legend className="visually-hidden">Engine</legend>
      {MODES.map((description) => (
        <label key={description.mode} className="mode-card">
          <input
            type="radio"
            name="mode"
            className="visually-hidden"
            checked={mode.value === description.mode}
            onChange={() => void mode.set(description.mode)}
          />
          <span className="mode-card-title">
            <Icon name={description.icon} />
            {description.title}
          </span>
          <span className="mode-card-summary">{description.summary}</span>
          <span className="mode-card-facts">
            <span>
              <Icon name="wallet" />
              {description.cost}
            </span>
            <span>
              <Icon name="microphone" />
              {description.audio}
            </span>
            <span>
              <Icon name="user" />
              {description.account}
            </span>
          </span>
        </label>
      ))}
    </fieldset>
  )
}
