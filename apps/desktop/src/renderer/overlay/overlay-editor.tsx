import type { OverlayStyle } from '@saywire/overlay'
import { overlayPresets, overlayStyleSchema } from '@saywire/overlay'
import { OverlayPreview } from '@saywire/overlay/react'
import '@saywire/overlay/fonts'
import { useState } from 'react'
import { useDesktop, useSettings } from '../api/hooks.ts'
import { useDraft } from '../api/use-draft.ts'
import { useSetting } from '../api/use-setting.ts'
import { Group } from '../settings/group.tsx'
import { SettingSwitch } from '../ui/setting-switch.tsx'
import { BehaviourFields } from './behaviour-fields.tsx'
import { ColourFields } from './colour-fields.tsx'
import { CssField } from './css-field.tsx'
import { FontFields } from './font-fields.tsx'
import { PlaceFields } from './place-fields.tsx'

export interface StyleFieldsProps {
  readonly style: OverlayStyle
  /** Some fields that change. */
  onChange(change: Partial<OverlayStyle>): void
}

/** The look of one overlay: a preview that is the overlay itself, presets, and every field. */
export function OverlayEditor({ at }: { readonly at: number }) {
  const { settings } = useDesktop()
  const overlays = useSetting('overlay', 'overlays')
  const name = useSettings().overlay.overlays[at]?.name ?? ''
  const [isPaused, setPaused] = useState(false)
  const saved = overlays.value[at]?.style ?? overlayStyleSchema.parse({})
  // The draft is kept a little later, when there may be one overlay more or less.
  const [style, setStyle] = useDraft(saved, async (next) => {
    const now = settings.get()?.overlay.overlays ?? []
    await overlays.set(now.map((one) => (one.name === name ? { name, style: next } : one)))
  })
  const change = (fields: Partial<OverlayStyle>): void => setStyle({ ...style, ...fields })
  const fields = { style, onChange: change }
  return (
    <>
      <div className="look-preview">
        <OverlayPreview style={style} width={1280} height={400} isPaused={isPaused} />
      </div>
      <Group title="Presets">
        <div className="presets" role="group" aria-label="Presets">
          {overlayPresets.map((preset) => (
            <button
              key={preset.id}
              type="button"
              className="button quiet"
              title={preset.description}
              aria-pressed={isSame(style, preset.style)}
              onClick={() => setStyle({ ...preset.style, customCss: style.customCss })}
            >
              {preset.name}
            </button>
          ))}
        </div>
        <SettingSwitch label="Hold the preview still" value={isPaused} onChange={setPaused} />
        <p className="problem" role="alert">
          {overlays.problem}
        </p>
      </Group>
      <FontFields {...fields} />
      <ColourFields {...fields} />
      <PlaceFields {...fields} />
      <BehaviourFields {...fields} />
      <CssField {...fields} />
    </>
  )
}

function isSame(style: OverlayStyle, preset: OverlayStyle): boolean {
  return JSON.stringify({ ...style, customCss: '' }) === JSON.stringify(preset)
}
