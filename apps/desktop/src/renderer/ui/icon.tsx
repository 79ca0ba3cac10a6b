/** Outlines on a 24 × 24 grid. */
const PATHS = {
  microphone:
    'M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3Z M5.5 11a6.5 6.5 0 0 0 13 0 M12 17.5V21 M8.5 21h7',
  microphoneOff:
    'M9 9v2a3 3 0 0 0 4.6 2.5 M15 11V6a3 3 0 0 0-5.8-1.1 M5.5 11a6.5 6.5 0 0 0 9.6 5.7 M18.5 11a6.5 6.5 0 0 1-.9 3.3 M12 17.5V21 M8.5 21h7 M4 4l16 16',
  microphoneMissing:
    'M9 8v3a3 3 0 0 0 6 0V8 M5.5 11a6.5 6.5 0 0 0 13 0 M12 17.5V21 M8.5 21h7 M9.5 2l5 4 M14.5 2l-5 4',
  play: 'M7 4.5v15l12-7.5Z',
  stop: 'M6 6h12v12H6Z',
  pause: 'M9 5v14 M15 5v14',
  reconnect:
    'M20 11a8 8 0 0 0-14.3-4.2L4 8.5 M4 4v4.5h4.5 M4 13a8 8 0 0 0 14.3 4.2L20 15.5 M20 20v-4.5h-4.5',
  computer: 'M4 5h16v11H4Z M9 20h6 M12 16v4',
  cloud: 'M7 18.5h10.5a3.5 3.5 0 0 0 .6-6.95A6 6 0 0 0 6.6 10.1 4.25 4.25 0 0 0 7 18.5Z',
  wallet:
    'M4 7.5h15a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1v-12a2 2 0 0 1 2-2h11v3 M16.5 13.5h.01',
  key: 'M14.5 9.5a4 4 0 1 0-3.4 3.95L13 15.4h2.2v2.2h2.3V21H21v-3.4l-7.1-7.1 M9 8.5h.01',
  warning: 'M12 4 2.8 19.5h18.4Z M12 10v4.5 M12 17.2h.01',
  error: 'M8 3h8l5 5v8l-5 5H8l-5-5V8Z M12 7.5v5.5 M12 16.4h.01',
  info: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z M12 11v5.5 M12 7.6h.01',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  close: 'M6 6l12 12 M18 6 6 18',
  copy: 'M9 9h11v11H9Z M15 9V4H4v11h5',
  down: 'M6 9.5l6 6 6-6',
  up: 'M6 14.5l6-6 6 6',
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14Z M16 16l4.5 4.5',
  save: 'M12 4v11 M7 10.5l5 5 5-5 M4.5 20h15',
  trash: 'M4.5 7h15 M9 7V4.5h6V7 M6.5 7l1 13h9l1-13 M10 11v5 M14 11v5',
  captions: 'M3.5 5.5h17v13h-17Z M7 11h4 M14 11h3 M7 14.7h7',
  history: 'M12 4a8 8 0 1 1-7.6 5.5 M4 4.5v5h5 M12 8v4.5l3 2',
  settings: 'M4 7h9 M17 7h3 M15 5v4 M4 17h3 M11 17h9 M9 15v4 M4 12h16',
  grip: 'M9 6h.01 M15 6h.01 M9 12h.01 M15 12h.01 M9 18h.01 M15 18h.01',
  open: 'M14 4h6v6 M20 4l-9 9 M18 14v6H4V6h6',
  edit: 'M4 20h4L19 9l-4-4L4 16Z M13 7l4 4',
  plus: 'M12 5v14 M5 12h14',
  folder: 'M3.5 6h6l2 2.5h9V19h-17Z',
  keyboard: 'M3 7h18v10H3Z M7 10.5h.01 M10.5 10.5h.01 M14 10.5h.01 M17 10.5h.01 M8 14h8',
  user: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8Z M4.5 20a7.5 7.5 0 0 1 15 0',
} as const

export type IconName = keyof typeof PATHS

/** A picture beside words; it says nothing by itself. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  )
}
