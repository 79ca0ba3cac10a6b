import { ObsDrawing } from './obs-drawing.tsx'

/** How the address gets into OBS. */
export function ObsGuide() {
  return (
    <div className="obs-guide">
      <ObsDrawing />
      <ol>
        <li>
          In OBS, under <strong>Sources</strong>, press <strong>+</strong> and choose{' '}
          <strong>Browser</strong>.
        </li>
        <li>
          Paste the address into <strong>URL</strong>, set the width to <strong>1920</strong> and
          the height to <strong>1080</strong>, and press <strong>OK</strong>.
        </li>
        <li>Drag it above your game in the list. It is transparent where there are no words.</li>
      </ol>
    </div>
  )
}
