import { Group } from '../settings/group.tsx'
import { SettingSegments } from '../ui/setting-choice.tsx'
import { SettingSwitch } from '../ui/setting-switch.tsx'
import { Slider } from '../ui/slider.tsx'
import type { StyleFieldsProps } from './overlay-editor.tsx'

const ANIMATIONS = [
  { value: 'none', name: 'None' },
  { value: 'fade', name: 'Fade' },
  { value: 'slide', name: 'Slide' },
  { value: 'pop', name: 'Pop' },
  { value: 'words', name: 'Word by word' },
] as const

/** As far as a slider goes; an overlay may hold captions longer. */
const FADE_RANGE = { min: 0, max: 60, step: 0.5 }

/** How captions come and go. */
export function BehaviourFields({ style, onChange }: StyleFieldsProps) {
  return (
    <Group title="Coming and going">
      <div className="sliders">
        <Slider
          label="Fade after silence"
          value={style.fadeSeconds}
          range={FADE_RANGE}
          words={style.fadeSeconds === 0 ? 'never' : `${style.fadeSeconds} s`}
          onChange={(fadeSeconds) => onChange({ fadeSeconds })}
        />
      </div>
      <SettingSegments
        label="Animation"
        value={style.animation}
        options={ANIMATIONS}
        hint="Viewers who ask for less motion see none."
        onChoose={(animation) => onChange({ animation })}
      />
      <SettingSwitch
        label="Show words that may still change"
        hint="Captions come sooner, and correct themselves."
        value={style.interim}
        onChange={(interim) => onChange({ interim })}
      />
      <SettingSwitch
        label="Show the time before each caption"
        value={style.timestamps}
        onChange={(timestamps) => onChange({ timestamps })}
      />
    </Group>
  )
}
