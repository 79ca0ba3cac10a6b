import { languageLabel, languageName, translates } from '../../settings/languages.ts'
import { useDesktopState, useSettings } from '../api/hooks.ts'
import { formatAmount } from '../format/duration.ts'
import { useGo } from '../layout/view.ts'
import { Icon } from '../ui/icon.tsx'
import { IncidentsItem } from './incidents-item.tsx'
import { LatencyItem } from './latency-item.tsx'

const MODES = { local: 'Local (Whisper)', managed: 'Managed', byok: 'Deepgram' } as const
const OBS = {
  off: ['', 'OBS off'],
  connecting: ['', 'OBS connecting'],
  connected: ['on', 'OBS connected'],
  wrong_password: ['warn', 'OBS: wrong password'],
  unreachable: ['', 'OBS not running'],
} as const

/** What captions run on. Each part leads to its settings. */
export function StatusBar() {
  const go = useGo()
  const { session, microphones, overlay, obs, recording } = useDesktopState()
  const { transcription, microphone } = useSettings()
  const names = new Set(microphones.map(({ name }) => name))
  const device =
    session.device ??
    microphone.order.find((name) => names.has(name)) ??
    microphones.find(({ isDefault }) => isDefault)?.name ??
    'No microphone'
  const isHere = transcription.mode === 'local' || session.isFallback
  const [dot, obsWords] = OBS[obs.status]
  const isTranslated = translates(transcription)
  const language = `${languageName(transcription.language)}${isTranslated ? ', translated to English' : ''}`
  const label = `${languageLabel(transcription.language)}${isTranslated ? ' → EN' : ''}`
  return (
    <ul className="status-bar" aria-label="What captions run on">
      <li>
        <button
          type="button"
          className="status-item"
          onClick={() => go({ name: 'settings', section: 'transcription' })}
        >
          <Icon name={isHere ? 'computer' : 'cloud'} />
          <span className="visually-hidden">Engine: </span>
          <span>
            {session.backend ?? MODES[transcription.mode]}
            {session.isFallback && `, for ${MODES[transcription.mode]}`}
          </span>
        </button>
      </li>
      <li>
        <button
          type="button"
          className="status-item"
          title={device}
          onClick={() => go({ name: 'settings', section: 'microphone' })}
        >
          <Icon name="microphone" />
          <span className="visually-hidden">Microphone: </span>
          <span>{device}</span>
        </button>
      </li>
      <li>
        <button
          type="button"
          className="status-item"
          title={language}
          onClick={() => go({ name: 'settings', section: 'transcription' })}
        >
          <span className="visually-hidden">Language: {language}, </span>
          <span>{label}</span>
        </button>
      </li>
      <LatencyItem />
      <IncidentsItem />
      {recording && (
        <li>
          <button
            type="button"
            className="status-item"
            title={`This session is recorded for fault reports: ${recording.fileName}`}
            onClick={() => go({ name: 'settings', section: 'about' })}
          >
            <span className="dot recorded" />
            <span>Recorded</span>
          </button>
        </li>
      )}
      {session.silenceMs > 0 && (
        <li>
          <button
            type="button"
            className="status-item"
            title="Silence of this session that was not sent, and so not billed"
            onClick={() => go({ name: 'settings', section: 'transcription' })}
          >
            <span>{formatAmount(session.silenceMs)} of silence not sent</span>
          </button>
        </li>
      )}
      <li>
        <button
          type="button"
          className="status-item"
          onClick={() => go({ name: 'settings', section: 'overlay' })}
        >
          <span className={overlay.problem ? 'dot warn' : overlay.viewers > 0 ? 'dot on' : 'dot'} />
          <span>
            {overlay.problem
              ? 'Overlay not running'
              : `${overlay.viewers} overlay ${overlay.viewers === 1 ? 'page' : 'pages'}`}
          </span>
        </button>
      </li>
      <li>
        <button
          type="button"
          className="status-item"
          onClick={() => go({ name: 'settings', section: 'obs' })}
        >
          <span className={`dot ${dot}`} />
          <span>{obsWords}</span>
        </button>
      </li>
    </ul>
  )
}
