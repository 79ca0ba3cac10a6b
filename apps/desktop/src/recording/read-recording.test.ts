import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RecordedEntry, RecordingHead } from './recording-format.ts'
import { readRecording } from './read-recording.ts'

const head: RecordingHead = {
  format: 'saywire-session',
  version: 1,
  app: '0.1.0',
  platform: 'linux x64',
  startedAt: '2026-11-21T20:15:00.000Z',
  withAudio: false,
  seed: 1,
  recovers: true,
  hasFallback: true,
  isFallbackUsable: true,
  hasReplayStore: false,
  startMuted: false,
  config: {},
}
const first = JSON.stringify(head)
const stop = JSON.stringify({ type: 'stop', ms: 10 })

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saywire-recording-'))
})
afterAll(async () => rm(folder, { recursive: true }))

async function read(content: string | Uint8Array): Promise<RecordedEntry[]> {
  const path = join(folder, 'recording')
  await writeFile(path, content)
  const recording = await readRecording(path)
  const entries: RecordedEntry[] = []
  for await (const entry of recording.entries()) entries.push(entry)
  return entries
}

test('a last line that was cut off in its middle is left out', async () => {
  expect(await read(`${first}\n${stop}\n{"type":"au`)).toEqual([{ type: 'stop', ms: 10 }])
})

test.each([
  ['a text', 'These are notes.\n', 'not_a_recording'],
  ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0xff, 0xfe]), 'not_a_recording'],
  ['six megabytes of nothing', Buffer.alloc(6_000_000), 'not_a_recording'],
  ['what begins like gzip', Buffer.from([0x1f, 0x8b, 1, 2, 3, 4]), 'not_a_recording'],
  ['an empty file', '', 'not_a_recording'],
  ['JSON of somebody else', '{"format":"other"}\n', 'not_a_recording'],
  ['one of a newer version', first.replace('"version":1', '"version":2'), 'too_new'],
  ['a head that is not whole', first.replace('"seed":1', '"seed":"x"'), 'damaged'],
  ['a broken line in its middle', `${first}\n{"type":"au\n${stop}\n`, 'damaged'],
  ['an entry of an unknown kind', `${first}\n{"type":"explode","ms":1}\n`, 'damaged'],
  ['an entry with more than belongs there', `${first}\n{"type":"stop","ms":1,"x":1}\n`, 'damaged'],
])('%s is refused with a sentence', async (_what, content, code) => {
  await expect(read(content)).rejects.toMatchObject({ name: 'RecordingError', code })
})

test('what is not there, or cannot be read, is said to be so', async () => {
  await expect(readRecording(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'not_found' })
  await mkdir(join(folder, 'folder'))
  await expect(readRecording(join(folder, 'folder'))).rejects.toMatchObject({
    code: 'not_readable',
  })
})
