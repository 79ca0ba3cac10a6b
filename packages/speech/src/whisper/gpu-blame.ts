/** How a whisper process ended that had its model loaded. */
export interface WhisperEnd {
  /** Name of the GPU that it used; undefined on the processor alone. */
  readonly gpu: string | undefined
  /** Its owner wanted it to end. */
  readonly stopped: boolean
  /** It was ended because it no longer answered. */
  readonly hung: boolean
  /** Something was to be decoded. */
  readonly hadAudio: boolean
  /** Words came out of it: its GPU can decode. */
  readonly decoded: boolean
  /** What it said itself of why it ends: the library gave an error. */
  readonly failure: string | undefined
  /** What its system says: a signal or `exit code N`, then perhaps its last words. */
  readonly reason: string
}

/** 1 comes with a failure that is told. 9 and 15 are signals, also as a shell counts them. */
const NO_CRASH = /^(?:SIGKILL|SIGTERM|SIGHUP|SIGINT|exit code (?:0|1|9|15|137|143))\b/

/**
 * Whether a GPU is to blame for the end of a process that used it. A driver that fails does it at once
 * or by a crash; what ended well after it had decoded, or was killed for its memory, may do so again.
 */
export function isGpuToBlame(end: WhisperEnd): boolean {
  if (end.gpu === undefined || end.stopped) return false
  if (end.failure !== undefined) return true
  const crashed = !end.hung && !NO_CRASH.test(end.reason)
  return crashed || (end.hadAudio && !end.decoded)
}
