import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RecordingEntryView } from '../api/desktop-services.ts'
import type { CaptionMessage } from '../api/desktop-state.ts'
import { readRecording } from '../recording/read-recording.ts'
import { replayRecording } from '../recording/replay-recording.ts'
import type { DesktopStage } from '../testing/desktop-stage.ts'
import { DEEPGRAM_KEY, SOON, setDesktopStage } from '../testing/desktop-stage.ts'

describe('recordings of sessions', { timeout: 120_000 }, () => {
  let stage: DesktopStage
  let captions: CaptionMessage[]
  beforeEach(async () => {
    stage = await setDesktopStage({ microphones: ['Canary’s microphone'] })
    await stage.open({ settings: { transcription: { mode: 'byok' } } })
    await stage.useKey()
    captions = []
    stage.window.subscribe('captions.onCaptions', captions)
  })
  afterEach(async () => stage[Symbol.asyncDispose]())

  const list = async () => stage.window.call<RecordingEntryView[]>('query', 'recordings.list')
  const finals = () =>
    captions.flatMap((message) => (message.type === 'final' ? [message.caption.text] : []))

  async function speakUntilFinal(): Promise<void> {
    await stage.start()
    await expect.poll(() => finals().length, SOON).toBeGreaterThan(0)
  }

  it('are made only where the user wishes for them', async () => {
    await speakUntilFinal()
    expect((await stage.state()).recording).toBeUndefined()
    await stage.stop()
    expect(await list()).toEqual([])
    expect(await readdir(stage.folder)).not.toContain('recordings')
  })

  it('replay to the captions that the window showed, and hold no secret', async () => {
    await stage.update({ recording: { enabled: true } })
    await speakUntilFinal()
    const live = (await stage.state()).recording
    expect(await list()).toMatchObject([{ id: live?.id, isLive: true }])
    await expect(
      stage.window.call('mutation', 'recordings.remove', { id: live?.id }),
    ).rejects.toMatchObject({ message: 'It is being recorded: stop captions first.' })
    await stage.stop()

    const [recording] = await list()
    expect(recording).toMatchObject({ id: live?.id, isLive: false })
    expect((await stage.state()).recording).toBeUndefined()
    const path = join(stage.folder, 'recordings', live?.fileName ?? '')
    const replay = await replayRecording(await readRecording(path))
    expect(replay.difference).toBeUndefined()
    expect(replay.outcome).toBe('stopped')
    expect(replay.captions.map(({ text }) => text).filter(Boolean)).toEqual(finals())
    const text = await readFile(path, 'utf8')
    for (const secret of [DEEPGRAM_KEY, 'anary', stage.folder, stage.deepgram.url])
      expect(text).not.toContain(secret)
  })

  it('end at once when they are switched off, and captions go on', async () => {
    await stage.update({ recording: { enabled: true, withAudio: true } })
    await speakUntilFinal()
    const { recording } = await stage.state()
    await stage.update({ recording: { enabled: false } })
    await expect.poll(async () => (await stage.state()).recording, SOON).toBeUndefined()
    expect(await list()).toMatchObject([{ id: recording?.id, isLive: false }])
    const before = finals().length
    await expect.poll(() => finals().length, SOON).toBeGreaterThan(before)
    const { session, notices } = await stage.state()
    expect([session.isRunning, notices]).toEqual([true, []])
    await stage.stop()
  })

  it('can be shown, copied and moved to the bin', async () => {
    await stage.update({ recording: { enabled: true } })
    await speakUntilFinal()
    await stage.stop()
    const [{ id } = { id: '' }] = await list()
    const path = join(stage.folder, 'recordings', `${id}.saywire-session`)
    await stage.window.call('mutation', 'recordings.show', { id })
    const copy = join(stage.folder, 'copy.saywire-session')
    stage.app.shell.answers.push(copy)
    expect(await stage.window.call('mutation', 'recordings.saveCopy', { id })).toEqual({
      path: copy,
    })
    expect(await readFile(copy)).toEqual(await readFile(path))
    await stage.window.call('mutation', 'recordings.remove', { id })
    expect(stage.app.shell.calls).toContainEqual(['showInFolder', path])
    expect(stage.app.shell.calls).toContainEqual(['trash', path])
    const elsewhere = { id: '../settings' }
    await expect(stage.window.call('mutation', 'recordings.show', elsewhere)).rejects.toThrow(
      'not there',
    )
  })
})
