import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { wordFrame } from '../core/testing/frame-engine.ts'
import { createManualSource } from '../core/testing/manual-source.ts'
import { settle, startRecovering } from '../core/testing/recovering-session.ts'
import { readRecording } from './read-recording.ts'
import type { SessionRecording } from './recorded-session.ts'
import { startRecordedSession } from './recorded-session.ts'
import type { RecordedEntry } from './recording-format.ts'
import { replayRecording } from './replay-recording.ts'

let path: string
beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'saywire-taken-back-')), 'a.saywire-session')
})
afterEach(async () => rm(join(path, '..'), { recursive: true }))

/** A session whose source sends audio whatever it is told. */
async function record(recording: Partial<SessionRecording> = {}, startMuted = false) {
  const manual = createManualSource()
  const cuts: string[] = []
  const options = {
    path,
    withAudio: true,
    app: '0.1.0',
    onCut: (reason: string) => void cuts.push(reason),
    ...recording,
  }
  const run = await startRecovering({
    start: (deps) => startRecordedSession({ ...deps, source: manual.source, startMuted }, options),
  })
  /** Frames whose words are these numbers. */
  function speak(from: number, to: number): void {
    for (let word = from; word <= to; word++) manual.listener?.onAudio(wordFrame(word))
  }
  async function finish(): Promise<void> {
    await settle()
    manual.end()
    await run.session.finished
  }
  return { run, cuts, speak, finish }
}

async function entries(): Promise<RecordedEntry[]> {
  const found: RecordedEntry[] = []
  for await (const entry of (await readRecording(path)).entries()) found.push(entry)
  return found
}

/** The words of the sound that is in the file. */
async function soundKept(): Promise<number[]> {
  const sound = (await entries()).flatMap((entry) => (entry.type === 'audio' ? entry.pcm : []))
  return sound.flatMap((pcm) => (pcm ? Buffer.from(pcm, 'base64').readUInt32LE() : []))
}

test('no sound from while the user is muted is in a recording, though the source goes on sending', async () => {
  const { run, speak, finish } = await record({}, true)
  speak(1, 5)
  run.session.mute(false)
  speak(6, 15)
  run.session.mute(true)
  speak(16, 30)
  run.session.mute(false)
  speak(31, 35)
  await finish()
  expect(await soundKept()).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 31, 32, 33, 34, 35])
  const replay = await replayRecording(await readRecording(path))
  expect(replay.difference).toBeUndefined()
})

test('no more sound is kept from the moment at which the user does not wish for it', async () => {
  let withAudio = true
  const { speak, finish } = await record({ wish: () => ({ enabled: true, withAudio }) })
  speak(1, 5)
  withAudio = false
  speak(6, 10)
  await finish()
  expect(await soundKept()).toEqual([1, 2, 3, 4, 5])
  expect((await replayRecording(await readRecording(path))).difference).toBeUndefined()
})

test('a recording that is not wished for any more ends at once, and the session goes on', async () => {
  let enabled = true
  const { run, cuts, speak, finish } = await record({ wish: () => ({ enabled, withAudio: true }) })
  speak(1, 5)
  await settle()
  enabled = false
  speak(6, 10)
  await finish()
  expect(await soundKept()).toEqual([1, 2, 3, 4, 5])
  expect((await entries()).at(-1)).toMatchObject({ type: 'cut', reason: 'wish' })
  expect(cuts).toEqual(['wish'])
  expect(run.heard).toHaveLength(10)
})
