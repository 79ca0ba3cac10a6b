import { BYTES_PER_SAMPLE } from '@saywire/protocol'

/**
 * Messages may end in the middle of a sample: its first half is carried over to the next message.
 * @returns what is whole so far, without copying where nothing was carried
 */
export function createSampleJoiner(): (data: Buffer) => Buffer {
  let carry: Buffer | undefined
  return (data) => {
    const audio = carry ? Buffer.concat([carry, data]) : data
    const wholeBytes = audio.byteLength - (audio.byteLength % BYTES_PER_SAMPLE)
    carry = wholeBytes < audio.byteLength ? audio.subarray(wholeBytes) : undefined
    return audio.subarray(0, wholeBytes)
  }
}
