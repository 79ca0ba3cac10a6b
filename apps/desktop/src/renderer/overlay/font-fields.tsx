import type { BundledFontId, OverlayFont } from '@saywire/overlay'
import { BUNDLED_FONTS, OVERLAY_STYLE_RANGES } from '@saywire/overlay'
import { useDesktopState } from '../api/hooks.ts'
import { Group } from '../settings/group.tsx'
import { SettingSelect } from '../ui/setting-choice.tsx'
import { SettingText } from '../ui/setting-text.tsx'
import { Slider } from '../ui/slider.tsx'
import { FontUpload } from './font-upload.tsx'
import type { StyleFieldsProps } from './overlay-editor.tsx'

const BUNDLED = Object.entries(BUNDLED_FONTS).map(([id, { name }]) => ({
  value: `bundled:${id}`,
  name,
}))
const SYSTEM = { value: 'system:', name: 'A font of this computer …' }

/** Letters: which, how large, how heavy. */
export function FontFields({ style, onChange }: StyleFieldsProps) {
  const { fonts } = useDesktopState().overlay
  const { font } = style
  const uploaded = fonts.map(({ id, name }) => ({
    value: `uploaded:${id}`,
    name: `${name} (yours)`,
  }))
  const isRemoved = font.kind === 'uploaded' && fonts.every(({ id }) => id !== font.id)
  const removed = isRemoved ? [{ value: valueOf(font), name: 'A font that you removed' }] : []
  return (
    <Group title="Letters">
      <SettingSelect
        label="Font"
        value={valueOf(font)}
        options={[...BUNDLED, ...uploaded, ...removed, SYSTEM]}
        onChoose={(value) => onChange({ font: fontOf(value) })}
      />
      {font.kind === 'system' && (
        <SettingText
          label="Name of the font"
          value={font.family}
          problem={undefined}
          hint="As it is called in other programs, such as Segoe UI."
          onCommit={(family) => onChange({ font: { kind: 'system', family } })}
        />
      )}
      <FontUpload />
      <div className="sliders">
        <Slider
          label="Size"
          value={style.fontSizePx}
          range={OVERLAY_STYLE_RANGES.fontSizePx}
          words={`${style.fontSizePx} px`}
          onChange={(fontSizePx) => onChange({ fontSizePx })}
        />
        <Slider
          label="Weight"
          value={style.fontWeight}
          range={OVERLAY_STYLE_RANGES.fontWeight}
          words={String(style.fontWeight)}
          onChange={(fontWeight) => onChange({ fontWeight })}
        />
        <Slider
          label="Line height"
          value={style.lineHeight}
          range={OVERLAY_STYLE_RANGES.lineHeight}
          words={`${style.lineHeight.toFixed(2)} ×`}
          onChange={(lineHeight) => onChange({ lineHeight })}
        />
      </div>
    </Group>
  )
}

function valueOf(font: OverlayFont): string {
  return font.kind === 'system' ? SYSTEM.value : `${font.kind}:${font.id}`
}

function fontOf(value: string): OverlayFont {
  const [kind, id = ''] = value.split(':')
  if (kind === 'uploaded') return { kind, id }
  if (kind === 'bundled') return { kind, id: id as BundledFontId }
  return { kind: 'system', family: 'Arial' }
}
