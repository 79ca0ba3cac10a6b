import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { readRecording } from './read-recording.ts'
import { replayRecording } from './replay-recording.ts'

const folder = fileURLToPath(new URL('recordings', import.meta.url))
const names = await readdir(folder)

test.each(names)('%s replays to the captions that are expected of it', async (name) => {
  const replay = await replayRecording(await readRecording(join(folder, name)))
  expect(replay.difference).toBeUndefined()
  expect(replay.captions.length).toBeGreaterThan(0)
})
