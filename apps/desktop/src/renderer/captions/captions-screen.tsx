import { StatePanel } from './state-panel.tsx'
import { StatusBar } from './status-bar.tsx'
import { Strips } from './strips.tsx'
import { TranscriptArea } from './transcript-area.tsx'

/** The main view: how it goes, what was said, and what it runs on. */
export function CaptionsScreen() {
  return (
    <div className="captions-view">
      <h1 className="visually-hidden">Captions</h1>
      <StatePanel />
      <Strips />
      <TranscriptArea />
      <StatusBar />
    </div>
  )
}
