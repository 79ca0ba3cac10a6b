import type { AudioListener, AudioSource, CaptureError } from '../ports.ts'

/** A source whose test decides what it delivers and when it ends. */
export interface ManualSource {
  readonly source: AudioSource
  /** Undefined until the session runs the source. */
  readonly listener: AudioListener | undefined
  /** What setMuted() was told, in order. */
  readonly mutes: readonly boolean[]
  end(): void
  fail(error: CaptureError): void
}

/** @param knowsMute whether the source offers setMuted() */
export function createManualSource(knowsMute = false): ManualSource {
  const mutes: boolean[] = []
  let listener: AudioListener | undefined
  let end: () => void = () => undefined
  let fail: (error: CaptureError) => void = () => undefined
  return {
    source: {
      name: 'manual',
      async run(to, signal) {
        listener = to
        await new Promise<void>((resolve, reject) => {
          end = resolve
          fail = reject
          signal.addEventListener('abort', () => resolve())
        })
      },
      ...(knowsMute && { setMuted: (muted: boolean) => void mutes.push(muted) }),
    },
    get listener() {
      return listener
    },
    mutes,
    end: () => end(),
    fail: (error) => fail(error),
  }
}
