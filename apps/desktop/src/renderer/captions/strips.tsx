import type { StartBlocker } from '../../api/desktop-state.ts'
import { useDesktopState, useSettings } from '../api/hooks.ts'
import { formatAmount } from '../format/duration.ts'
import type { SettingsSection } from '../layout/view.ts'
import { useGo } from '../layout/view.ts'

/** Where each reason is mended, and how that is called. */
const MENDED_AT = {
  no_microphone: ['microphone', 'Microphone settings'],
  model_missing: ['transcription', 'Fetch the model'],
  model_fetching: ['transcription', 'See how far it is'],
  language_unknown: ['transcription', 'Choose'],
  server_url_missing: ['transcription', 'Enter the server'],
  not_logged_in: ['transcription', 'Log in'],
  no_credit: ['transcription', 'Buy credit'],
  cap_reached: ['limits', 'See your limits'],
  key_missing: ['transcription', 'Enter your key'],
  key_invalid: ['transcription', 'Enter another key'],
} as const satisfies Record<StartBlocker['code'], readonly [SettingsSection, string]>

/** What stands in the way, with a way out of each. */
export function Strips() {
  const go = useGo()
  const { session } = useDesktopState()
  const blockers = session.isRunning ? [] : session.startBlockers
  return (
    <div className="strips">
      {blockers.length > 0 && (
        <div className="strip">
          <ul id="start-blockers" aria-label="Before you can start">
            {blockers.map(({ code, sentence }) => (
              <li key={code}>
                <span>{sentence}</span>
                <button
                  type="button"
                  className="link-button"
                  onClick={() => go({ name: 'settings', section: MENDED_AT[code][0] })}
                >
                  {MENDED_AT[code][1]}
                </button>
              </li>
            ))}
          </ul>
        </div>
      )}
      <OverlayDown />
      <LowCredit />
    </div>
  )
}

/** Captions run without it, and nobody on the stream would see them. */
function OverlayDown() {
  const go = useGo()
  const { url, problem } = useDesktopState().overlay
  if (url !== undefined || problem === undefined) return null
  return (
    <div className="strip" role="status">
      <p>No captions in OBS: {problem}</p>
      <button
        type="button"
        className="button quiet"
        onClick={() => go({ name: 'settings', section: 'overlay' })}
      >
        Overlay settings
      </button>
    </div>
  )
}

function LowCredit() {
  const go = useGo()
  const { account, session } = useDesktopState()
  const { transcription } = useSettings()
  const isBlocked = session.startBlockers.some(({ code }) => code === 'no_credit')
  if (transcription.mode !== 'managed' || !account.isLow || isBlocked) return null
  const left = account.balanceMs === undefined ? 'little' : formatAmount(account.balanceMs)
  return (
    <div className="strip" role="status">
      <p>
        Your credit is low: <strong className="number">{left}</strong> left.
      </p>
      <button
        type="button"
        className="button quiet"
        onClick={() => go({ name: 'settings', section: 'transcription' })}
      >
        Buy credit
      </button>
    </div>
  )
}
