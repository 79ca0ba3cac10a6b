import { OVERLAY_STYLE_RANGES } from '@saywire/overlay'
import { Group } from '../settings/group.tsx'
import { ColourField } from '../ui/colour-field.tsx'
import { SettingSegments } from '../ui/setting-choice.tsx'
import { Slider } from '../ui/slider.tsx'
import type { StyleFieldsProps } from './overlay-editor.tsx'

const SHADOWS = [
  { value: 'none', name: 'None' },
  { value: 'soft', name: 'Soft' },
  { value: 'hard', name: 'Hard' },
  { value: 'glow', name: 'Glow' },
] as const

/** Colours of the words and of what stands out behind them. */
export function ColourFields({ style, onChange }: StyleFieldsProps) {
  return (
    <Group title="Colours">
      <div className="sliders">
        <ColourField
          label="Words"
          value={style.textColor}
          onChange={(textColor) => onChange({ textColor })}
        />
        <ColourField
          label="Words that may change"
          value={style.interimColor}
          onChange={(interimColor) => onChange({ interimColor })}
        />
        <ColourField
          label="Background"
          value={style.backgroundColor}
          onChange={(backgroundColor) => onChange({ backgroundColor })}
        />
        <ColourField
          label="Outline"
          value={style.outlineColor}
          onChange={(outlineColor) => onChange({ outlineColor })}
        />
        <Slider
          label="Outline width"
          value={style.outlineWidthPx}
          range={OVERLAY_STYLE_RANGES.outlineWidthPx}
          words={`${style.outlineWidthPx} px`}
          onChange={(outlineWidthPx) => onChange({ outlineWidthPx })}
        />
        <ColourField
          label="Shadow"
          value={style.shadowColor}
          onChange={(shadowColor) => onChange({ shadowColor })}
        />
      </div>
      <SettingSegments
        label="Kind of shadow"
        value={style.shadow}
        options={SHADOWS}
        onChoose={(shadow) => onChange({ shadow })}
      />
    </Group>
  )
}
