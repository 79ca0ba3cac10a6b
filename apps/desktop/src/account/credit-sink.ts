import type { CaptionSink } from '../core/ports.ts'

/** Listens for the server's warning that prepaid credit is about to end. */
export function createCreditSink(onLow: (secondsRemaining: number) => void): CaptionSink {
  return {
    onEvent(event) {
      if (event.type === 'credits-low') onLow(event.secondsRemaining)
    },
  }
}
