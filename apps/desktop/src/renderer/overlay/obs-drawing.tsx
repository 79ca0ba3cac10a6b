/** Where the address goes in OBS, drawn. The steps beside it say the same in words. */
export function ObsDrawing() {
  return (
    <svg className="obs-drawing" viewBox="0 0 420 250" aria-hidden="true">
      <rect className="window-frame" x="1" y="1" width="418" height="248" rx="8" />
      <rect className="preview" x="16" y="16" width="388" height="116" rx="4" />
      <path className="hills" d="M16 116l70-44 56 34 84-62 88 58 90-40v66q0 4-4 4H20q-4 0-4-4Z" />
      <rect className="caption-plate" x="118" y="104" width="184" height="20" rx="3" />
      <text className="caption-text" x="210" y="118" textAnchor="middle">
        and that is how it works
      </text>
      <rect className="dock" x="16" y="142" width="124" height="94" rx="4" />
      <text x="26" y="160">
        Scenes
      </text>
      <text className="faint" x="26" y="180">
        Game
      </text>
      <text className="faint" x="26" y="198">
        Just chatting
      </text>
      <rect className="dock pointed" x="148" y="142" width="124" height="94" rx="4" />
      <text x="158" y="160">
        Sources
      </text>
      <rect className="chosen" x="154" y="167" width="112" height="19" rx="3" />
      <text className="on-chosen" x="160" y="180">
        Browser
      </text>
      <text className="faint" x="160" y="199">
        Game capture
      </text>
      <circle className="mark" cx="160" cy="222" r="9" />
      <path className="mark-plus" d="M160 217.5v9M155.500 222h9" />
      <text className="step" x="175" y="226">
        1
      </text>
      <rect className="dock pointed" x="280" y="142" width="124" height="94" rx="4" />
      <text x="290" y="160">
        Browser
      </text>
      <text className="faint" x="290" y="181">
        URL
      </text>
      <rect className="field-box" x="290" y="187" width="104" height="20" rx="3" />
      <text className="url" x="295" y="200">
        127.0.0.1:8080
      </text>
      <text className="step" x="290" y="226">
        2
      </text>
    </svg>
  )
}
