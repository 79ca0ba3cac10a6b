import { useDesktopState, useSettings } from '../api/hooks.ts'
import { useSetting } from '../api/use-setting.ts'
import { formatAmount } from '../format/duration.ts'
import { SettingText } from '../ui/setting-text.tsx'
import { Group } from './group.tsx'

const LIMITS = [
  { name: 'sessionMinutes', spent: 'sessionMs', label: 'Each session', used: 'This session' },
  { name: 'dayMinutes', spent: 'todayMs', label: 'Each day', used: 'Today' },
  { name: 'monthMinutes', spent: 'monthMs', label: 'Each month', used: 'This month' },
] as const

/** How much cloud engines may be sent, and how much they were. */
export function LimitsSection() {
  const { spending, standIn } = useDesktopState()
  const { transcription } = useSettings()
  const isLocal = transcription.mode === 'local'
  const hasStandIn = !['off', 'missing', 'unfit'].includes(standIn.status)
  return (
    <Group
      title="Cloud captions"
      lead={
        isLocal
          ? 'Captions are made on this computer now, and cost nothing. These limits hold for the managed server and for your Deepgram key.'
          : hasStandIn
            ? 'At a limit your own computer captions on, until the limit is raised or its time is over.'
            : 'At a limit captions pause until it is raised or its time is over. With local captions as a stand-in they would go on: see Outages.'
      }
    >
      {spending.sentence && (
        <p className="callout" role="status">
          {spending.sentence}
        </p>
      )}
      {LIMITS.map(({ name, label, used, spent }) => (
        <Limit key={name} name={name} label={label} used={used} ms={spending[spent]} />
      ))}
    </Group>
  )
}

interface LimitProps {
  readonly name: (typeof LIMITS)[number]['name']
  readonly label: string
  readonly used: string
  readonly ms: number
}

function Limit({ name, label, used, ms }: LimitProps) {
  const setting = useSetting('spendCaps', name)
  const minutes = setting.value
  return (
    <div className="limit">
      <SettingText
        label={`${label}, minutes`}
        type="number"
        isShort
        value={minutes === null ? '' : String(minutes)}
        placeholder="No limit"
        problem={setting.problem}
        onCommit={async (text) => setting.set(minutesOf(text))}
      />
      <p className="limit-used">
        <span className="quiet-text">{used}</span>{' '}
        <span className="number">{formatAmount(ms)}</span>
      </p>
      {minutes !== null && (
        <meter
          aria-label={`${used}, of the limit`}
          min={0}
          max={minutes}
          high={minutes * 0.8}
          optimum={0}
          value={ms / 60_000}
        />
      )}
    </div>
  )
}

/** Empty is none. What is no number must not become none on its way: 0 is refused, with its reason. */
function minutesOf(text: string): number | null {
  return text === '' ? null : Number(text) || 0
}
