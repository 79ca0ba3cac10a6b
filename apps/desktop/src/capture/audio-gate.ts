import { bytesToMs, msToBytes, PcmFramer } from '@saywire/speech'

const FRAME_BYTES = 640
/** While muted, the time that goes by is told this often. */
const MUTED_REPORT_MS = 200

export interface AudioGateDeps {
  readonly muted: boolean
  readonly onFrame: (pcm: Uint8Array) => void
  /** Audio of this length was dropped, in order with the frames. */
  readonly onMuted: (durationMs: number) => void
}

export interface AudioGate {
  /** PCM s16le, 16 kHz, mono, of any length. */
  push(pcm: Uint8Array): void
  /**
   * @param unsentBytes of frames that were passed on, but taken back before they left
   */
  setMuted(muted: boolean, unsentBytes: number): void
}

/**
 * Where audio passes, or ends: what comes while muted is counted and dropped here, also the part
 * of a frame that came before.
 */
export function createAudioGate(deps: AudioGateDeps): AudioGate {
  let { muted } = deps
  let framer = new PcmFramer(FRAME_BYTES, deps.onFrame)
  let droppedBytes = 0

  function reportWholeMs(): void {
    const durationMs = bytesToMs(droppedBytes)
    droppedBytes -= msToBytes(durationMs)
    if (durationMs > 0) deps.onMuted(durationMs)
  }

  return {
    push(pcm) {
      if (!muted) return framer.push(pcm)
      droppedBytes += pcm.byteLength
      if (droppedBytes >= msToBytes(MUTED_REPORT_MS)) reportWholeMs()
    },
    setMuted(wanted, unsentBytes) {
      muted = wanted
      droppedBytes += unsentBytes
      if (muted) {
        droppedBytes += framer.pendingBytes
        framer = new PcmFramer(FRAME_BYTES, deps.onFrame)
      } else reportWholeMs()
    },
  }
}
