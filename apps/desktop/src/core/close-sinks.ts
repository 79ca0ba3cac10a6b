import type { CaptionSink, Clock } from './ports.ts'

/** How long sinks may take to write what they still have. */
const SINKS_TIMEOUT_MS = 5000

/** Never rejects. A disk or a network that hangs must not hold up the next session. */
export async function closeSinks(
  sinks: readonly CaptionSink[],
  clock: Clock,
  onNotice: (sentence: string) => void,
): Promise<void> {
  let cancel: () => void = () => undefined
  const tooLate = new Promise<void>((resolve) => {
    cancel = clock.after(SINKS_TIMEOUT_MS, () => {
      onNotice('The end of the captions could not be written everywhere.')
      resolve()
    })
  })
  const closed = Promise.allSettled(sinks.map(async (sink) => sink.close?.()))
  await Promise.race([closed, tooLate])
  cancel()
}
