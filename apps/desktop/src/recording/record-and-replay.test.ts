import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startRecovering } from '../core/testing/recovering-session.ts'
import { readRecording } from './read-recording.ts'
import type { RecordedEntry } from './recording-format.ts'
import { replayRecording } from './replay-recording.ts'
import { recordStory } from './testing/record-story.ts'
import { STORIES, STORY_NAMES, storyOf } from './testing/recorded-stories.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saywire-recording-'))
})
afterEach(async () => rm(folder, { recursive: true }))

const newPath = () => join(folder, `${randomUUID()}.saywire-session`)
const replayFile = async (path: string) => replayRecording(await readRecording(path))

async function entriesOf(path: string): Promise<RecordedEntry[]> {
  const entries: RecordedEntry[] = []
  for await (const entry of (await readRecording(path)).entries()) entries.push(entry)
  return entries
}

test.each(STORY_NAMES)('%s: a recorded session replays to the same captions', async (name) => {
  const { path, run, outcome } = await recordStory(STORIES[name], newPath())
  const replay = await replayFile(path)
  expect(replay.difference).toBeUndefined()
  expect(replay.outcome).toBe(outcome.kind)
  expect(replay.captions.flatMap(({ words }) => words)).toEqual(run.heard)
  expect(run.heard.length).toBeGreaterThan(5)
})

test('whatever happens, in any order, replays to the same captions', async () => {
  const steps = fc.array(fc.nat(1000), { minLength: 5, maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(steps, fc.boolean(), async (numbers, isRemote) => {
      const { path, run } = await recordStory(storyOf(numbers), newPath(), { isRemote })
      const replay = await replayFile(path)
      expect(replay.difference).toBeUndefined()
      expect(replay.captions.flatMap(({ words }) => words)).toEqual(run.heard)
    }),
    { numRuns: 30 },
  )
}, 120_000)

test('recording changes nothing about the captions', async () => {
  for (const name of ['plain', 'mute', 'device-change', 'gap'] as const) {
    const plain = await startRecovering()
    await STORIES[name](plain)
    await plain.finish()
    const { run } = await recordStory(STORIES[name], newPath())
    expect(run.heard).toEqual(plain.heard)
  }
})

test('a replay that differs says where', async () => {
  const { path } = await recordStory(STORIES.plain, newPath())
  const text = await readFile(path, 'utf8')
  await writeFile(path, text.replace('"said","text":"6 7 8 9 10"', '"said","text":"6 7 8 9 11"'))
  expect((await replayFile(path)).difference).toEqual({
    about: 'caption',
    number: 2,
    recorded: '100–200 ms: 6 7 8 9 11',
    replayed: '100–200 ms: 6 7 8 9 10',
  })
})

test('what a crash leaves replays up to there', async () => {
  const { path, run } = await recordStory(STORIES['reconnect-with-replay'], newPath())
  const text = await readFile(path, 'utf8')
  await writeFile(path, text.slice(0, text.length * 0.7))
  const replay = await replayFile(path)
  expect(replay.difference).toBeUndefined()
  expect(replay.outcome).toBeUndefined()
  const words = replay.captions.flatMap((caption) => caption.words)
  expect(words).toEqual(run.heard.slice(0, words.length))
  expect(words.length).toBeGreaterThan(4)
})

test('a recording that was compressed for sending replays as it is', async () => {
  const { path } = await recordStory(STORIES.plain, newPath())
  await writeFile(path, gzipSync(await readFile(path)))
  expect((await replayFile(path)).difference).toBeUndefined()
})

test('the sound is in the recording only where the user wished for it', async () => {
  const without = await entriesOf((await recordStory(STORIES.plain, newPath())).path)
  expect(without.filter((entry) => 'pcm' in entry)).toEqual([])
  const { path } = await recordStory(STORIES.plain, newPath(), { withAudio: true })
  const sound = (await entriesOf(path)).flatMap((entry) =>
    entry.type === 'audio' ? entry.pcm : [],
  )
  expect(sound).toHaveLength(43)
  expect(Buffer.from(sound[1] ?? '', 'base64').readUInt32LE()).toBe(2)
})

test('only its user can read a recording', async () => {
  const { path } = await recordStory(STORIES.plain, newPath())
  expect((await stat(path)).mode & 0o777).toBe(0o600)
})

test('a recording that has reached its size ends and says so, and the session goes on', async () => {
  const { path, run, cuts } = await recordStory(STORIES.plain, newPath(), { maxBytes: 4000 })
  expect(cuts).toEqual(['size'])
  expect(run.heard).toHaveLength(43)
  expect((await stat(path)).size).toBeLessThan(4200)
  expect((await entriesOf(path)).at(-1)).toMatchObject({ type: 'cut', reason: 'size' })
  expect((await replayFile(path)).difference).toBeUndefined()
})

test('a disk that refuses the file costs the recording, and not a word', async () => {
  const path = join(folder, 'not-a-folder', 'x.saywire-session')
  await writeFile(join(folder, 'not-a-folder'), '')
  const { run, outcome, cuts } = await recordStory(STORIES.plain, path)
  expect(cuts).toEqual(['disk'])
  expect(outcome.kind).toBe('completed')
  expect(run.heard).toHaveLength(43)
})
