import { useSettings } from '../api/hooks.ts'
import { ObsGuide } from '../overlay/obs-guide.tsx'
import { OverlayAddress } from '../overlay/overlay-address.tsx'
import { StepHeading } from './step-heading.tsx'

export function OverlayStep() {
  const [first] = useSettings().overlay.overlays
  return (
    <>
      <StepHeading>Put captions into OBS</StepHeading>
      <p className="lead">
        Captions are a page on this computer that OBS shows over your game. Nobody else can open it.
      </p>
      <OverlayAddress overlay={first?.name ?? 'main'} isFirst />
      <ObsGuide />
    </>
  )
}
