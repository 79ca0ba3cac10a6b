const SENTENCES = {
  not_connected: 'OBS is not connected: start OBS, and switch OBS on in the settings of Saywire.',
  unreachable:
    'OBS does not answer: start OBS and switch on "Enable WebSocket server" under Tools, WebSocket Server Settings.',
  no_answer: 'OBS stopped answering; Saywire connects again by itself.',
  not_obs:
    'Something other than OBS answers at this address: check it under Tools, WebSocket Server Settings in OBS.',
  too_old: 'This OBS is too old for Saywire: install OBS 28 or newer.',
  wrong_password:
    'OBS refused the password: copy it from "Show Connect Info" under Tools, WebSocket Server Settings.',
  kicked: 'OBS ended the connection on request: switch OBS off and on in the settings of Saywire.',
  refused: 'OBS refused what Saywire asked of it: try again, or update OBS.',
} as const satisfies Record<string, string>

export type ObsErrorCode = keyof typeof SENTENCES

/** What went wrong between Saywire and OBS. The message tells the user what to do. */
export class ObsError extends Error {
  override readonly name = 'ObsError'
  readonly code: ObsErrorCode
  /** `requestStatus.code` of obs-websocket where OBS refused a request; see `REQUEST_STATUS`. */
  readonly requestStatus: number | undefined

  constructor(code: ObsErrorCode, requestStatus?: number) {
    super(SENTENCES[code])
    this.code = code
    this.requestStatus = requestStatus
  }
}

/** The refusals of obs-websocket that Saywire tells apart. */
export const REQUEST_STATUS = {
  /** Changing its scene collection, or closing. */
  notReady: 207,
  resourceNotFound: 600,
  resourceAlreadyExists: 601,
  invalidResourceState: 604,
  invalidInputKind: 605,
} as const

export function isRefusal(error: unknown, status: keyof typeof REQUEST_STATUS): boolean {
  return error instanceof ObsError && error.requestStatus === REQUEST_STATUS[status]
}
