/** Why a microphone is captured now. */
export type SwitchCause =
  | 'started'
  /** It is higher in the user's order than the one before, or the system's default now. */
  | 'better'
  /** The user chose anew. */
  | 'chosen'
  | 'unplugged'
  | 'stopped'
  | 'unopenable'

export interface MicrophoneSwitch {
  readonly cause: SwitchCause
  /** The one before. */
  readonly from: string | undefined
  readonly to: string
  /** The user's first choice, where there is one. */
  readonly wanted: string | undefined
  /** `to` was captured earlier in this session. */
  readonly isBack: boolean
}

/** One sentence for the user, where there is something to say. */
export function noticeOfSwitch(change: MicrophoneSwitch): string | undefined {
  const { cause, from, to, wanted, isBack } = change
  if (isBack && (from === to || cause === 'better')) return `The microphone ${to} is back.`
  switch (cause) {
    case 'started':
      if (wanted === undefined || wanted === to) return undefined
      return `The microphone ${wanted} is not plugged in: capturing ${to}.`
    case 'better':
      if (wanted === undefined) return `The system's microphone is ${to} now: capturing it.`
      return `The microphone ${to} is plugged in: capturing it.`
    case 'chosen':
      return `Capturing the microphone ${to} now.`
    case 'unplugged':
      return `The microphone ${from} was unplugged: capturing ${to}.`
    case 'stopped':
      return `The microphone ${from} stopped: capturing ${to}.`
    case 'unopenable':
      return `The microphone ${from} cannot be opened, perhaps another program holds it: capturing ${to}.`
  }
}

export function noticeOfNone(from: string | undefined, cause: SwitchCause): string {
  if (from === undefined) return 'There is no microphone: plug one in, and captions begin.'
  if (cause === 'unplugged') {
    return `The microphone ${from} was unplugged and there is no other: plug one in, and captions go on.`
  }
  return `The microphone ${from} gives no sound and there is no other: check it or plug one in, and captions go on.`
}
