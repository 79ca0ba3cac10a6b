import { OVERLAY_STYLE_RANGES } from '@saywire/overlay'
import { Group } from '../settings/group.tsx'
import { SettingSegments } from '../ui/setting-choice.tsx'
import { Slider } from '../ui/slider.tsx'
import type { StyleFieldsProps } from './overlay-editor.tsx'

const HORIZONTAL = [
  { value: 'left', name: 'Left' },
  { value: 'center', name: 'Centre' },
  { value: 'right', name: 'Right' },
] as const
const VERTICAL = [
  { value: 'top', name: 'Top' },
  { value: 'middle', name: 'Middle' },
  { value: 'bottom', name: 'Bottom' },
] as const
const ALIGN = [
  { value: 'start', name: 'Start' },
  { value: 'center', name: 'Centre' },
  { value: 'end', name: 'End' },
] as const
const DIRECTION = [
  { value: 'auto', name: 'By the words' },
  { value: 'ltr', name: 'Left to right' },
  { value: 'rtl', name: 'Right to left' },
] as const

/** Where the captions stand, and how their rows are set. */
export function PlaceFields({ style, onChange }: StyleFieldsProps) {
  return (
    <Group title="Place">
      <SettingSegments
        label="Across"
        value={style.horizontal}
        options={HORIZONTAL}
        onChoose={(horizontal) => onChange({ horizontal })}
      />
      <SettingSegments
        label="Down"
        value={style.vertical}
        options={VERTICAL}
        onChoose={(vertical) => onChange({ vertical })}
      />
      <SettingSegments
        label="Rows begin at"
        value={style.textAlign}
        options={ALIGN}
        hint="Centred rows look tidier, but each new word moves the row."
        onChoose={(textAlign) => onChange({ textAlign })}
      />
      <SettingSegments
        label="Direction of the text"
        value={style.direction}
        options={DIRECTION}
        onChoose={(direction) => onChange({ direction })}
      />
      <div className="sliders">
        <Slider
          label="Width"
          value={style.widthEm}
          range={OVERLAY_STYLE_RANGES.widthEm}
          words={`${style.widthEm} em`}
          onChange={(widthEm) => onChange({ widthEm })}
        />
        <Slider
          label="Rows at most"
          value={style.maxLines}
          range={OVERLAY_STYLE_RANGES.maxLines}
          words={String(style.maxLines)}
          onChange={(maxLines) => onChange({ maxLines })}
        />
      </div>
    </Group>
  )
}
