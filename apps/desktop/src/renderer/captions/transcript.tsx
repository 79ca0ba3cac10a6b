import { useDesktopState, useFinals, useInterim } from '../api/hooks.ts'
import { Icon } from '../ui/icon.tsx'
import { CaptionGroup, groupCaptions } from './caption-group.tsx'
import { useScrollLock } from './use-scroll-lock.ts'

/** The finals, then what is being said. It stays at the end unless one scrolled up. */
export function Transcript({ search }: { readonly search: string }) {
  const finals = useFinals()
  const { isRunning } = useDesktopState().session
  const { scroller, content, isLive, jumpToLive } = useScrollLock()
  const wanted = search.toLowerCase()
  const shown = wanted ? finals.filter(({ text }) => text.toLowerCase().includes(wanted)) : finals
  return (
    <>
      {/* It can be scrolled by keyboard, so it can be focused. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div ref={scroller} className="transcript" tabIndex={0} role="group" aria-label="Captions">
        {shown.length === 0 && <Empty isRunning={isRunning} search={search} />}
        <div ref={content}>
          <div role="log" aria-live="polite" aria-relevant="additions" aria-label="Transcript">
            {[...groupCaptions(shown)].map(([key, group]) => (
              <CaptionGroup key={key} captions={group} search={wanted} />
            ))}
          </div>
          {wanted === '' && <Interim />}
        </div>
      </div>
      <button type="button" className="button jump-to-live" hidden={isLive} onClick={jumpToLive}>
        <Icon name="down" />
        Jump to live
      </button>
    </>
  )
}

/** Words that may still change, behind those that will not: shown apart, and not read aloud. */
function Interim() {
  const { text, settledChars } = useInterim()
  if (text === '') return null
  return (
    <p className="caption-row interim" aria-live="off">
      <time aria-hidden="true">…</time>
      <span dir="auto">
        <span className="settled">{text.slice(0, settledChars)}</span>
        {text.slice(settledChars)}
      </span>
    </p>
  )
}

interface EmptyProps {
  readonly isRunning: boolean
  readonly search: string
}

function Empty({ isRunning, search }: EmptyProps) {
  const interim = useInterim()
  if (interim.text !== '' && !search) return null
  const [title, hint] = search
    ? ['Nothing found', `No caption has “${search}” in it.`]
    : isRunning
      ? ['Say something', 'Your words appear here as you speak.']
      : ['No captions yet', 'Press Start, then speak. Your words appear here and in OBS.']
  return (
    <div className="transcript-empty">
      <Icon name={search ? 'search' : 'captions'} />
      <strong>{title}</strong>
      <p>{hint}</p>
    </div>
  )
}
