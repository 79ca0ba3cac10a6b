const BYTES_PER_SAMPLE = 2
const BYTES_PER_PAIR = 4

/** Takes one side of interleaved stereo s16le, cut anywhere, and passes it on as mono. */
export function createChannelPicker(
  side: 'left' | 'right',
  emit: (mono: Uint8Array) => void,
): (stereo: Uint8Array) => void {
  const skip = side === 'left' ? 0 : BYTES_PER_SAMPLE
  /** Where in its pair the next byte stands. */
  let at = 0
  return (stereo) => {
    const mono = new Uint8Array(stereo.byteLength)
    let length = 0
    for (const byte of stereo) {
      if (at >= skip && at < skip + BYTES_PER_SAMPLE) mono[length++] = byte
      at = (at + 1) % BYTES_PER_PAIR
    }
    if (length > 0) emit(mono.subarray(0, length))
  }
}
