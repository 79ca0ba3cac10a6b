import { writeAtomically } from '../write-atomically.ts'
import type { Recording } from './read-recording.ts'
import type { RecordedEntry } from './recording-format.ts'
import type { Replay } from './replay-recording.ts'

/**
 * Writes the recording anew with the captions of a replay as those that are expected of it: a
 * regression test out of a fault's recording, once the fault is mended.
 * @throws RecordingError and the file system's errors
 */
export async function acceptReplay(
  path: string,
  { head, entries }: Recording,
  { captions, digests, outcome }: Replay,
): Promise<void> {
  const lines: unknown[] = [head]
  let ms = 0
  for await (const entry of entries()) {
    ms = entry.ms
    if (entry.type !== 'said' && entry.type !== 'end') lines.push(entry)
  }
  for (const [index, { text, startMs, endMs }] of captions.entries()) {
    const digest = digests[index] ?? ''
    lines.push({ type: 'said', ms, text, startMs, endMs, digest } satisfies RecordedEntry)
  }
  const digest = digests.at(-1) ?? ''
  if (outcome !== undefined) {
    lines.push({ type: 'end', ms, outcome, digest } satisfies RecordedEntry)
  }
  await writeAtomically(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''), 0o600)
}
