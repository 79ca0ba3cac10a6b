import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FakeDeepgram } from '@saywire/speech/testing'
import { startFakeDeepgram } from '@saywire/speech/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RecordingEntryView } from '../api/desktop-services.ts'
import type { CaptionMessage, DesktopState } from '../api/desktop-state.ts'
import { readRecording } from '../recording/read-recording.ts'
import { replayRecording } from '../recording/replay-recording.ts'
import type { SettingsPatch } from '../settings/settings.ts'
import type { RpcClient } from '../testing/rpc-client.ts'
import { connectRpc } from '../testing/rpc-client.ts'
import { createScriptedRoom } from '../testing/scripted-room.ts'
import type { ServedDesktop } from '../testing/serve-desktop.ts'
import { serveDesktop } from '../testing/serve-desktop.ts'

const SOON = { timeout: 60_000, interval: 100 }
const KEY = 'the-canary-key-1234'

describe('recordings of sessions', { timeout: 120_000 }, () => {
  let folder = ''
  let deepgram: FakeDeepgram
  let app: ServedDesktop
  let window: RpcClient
  let captions: CaptionMessage[]
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saywire-recordings-'))
    const room = await createScriptedRoom({ folder, microphones: ['Canary’s microphone'] })
    deepgram = await startFakeDeepgram({ apiKey: KEY })
    app = await serveDesktop({
      dataDir: folder,
      documentsDir: folder,
      startCapture: room.startCapture,
      settings: { transcription: { mode: 'byok' } },
      variables: { SAYWIRE_MODELS_DIR: join(folder, 'models'), DEEPGRAM_URL: deepgram.url },
    })
    window = await connectRpc(app.rpcUrl)
    await window.call('mutation', 'deepgram.setKey', { key: KEY })
    captions = []
    window.subscribe('captions.onCaptions', captions)
  })
  afterEach(async () => {
    window.close()
    await app.close()
    await deepgram[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  const update = async (patch: SettingsPatch) => window.call('mutation', 'settings.update', patch)
  const state = async () => window.call<DesktopState>('query', 'state.get')
  const list = async () => window.call<RecordingEntryView[]>('query', 'recordings.list')
  const finals = () =>
    captions.flatMap((message) => (message.type === 'final' ? [message.caption.text] : []))

  async function speakUntilFinal(): Promise<void> {
    await window.call('mutation', 'session.start')
    await expect.poll(() => finals().length, SOON).toBeGreaterThan(0)
  }

  it('are made only where the user wishes for them', async () => {
    await speakUntilFinal()
    expect((await state()).recording).toBeUndefined()
    await window.call('mutation', 'session.stop')
    expect(await list()).toEqual([])
    expect(await readdir(folder)).not.toContain('recordings')
  })

  it('replay to the captions that the window showed, and hold no secret', async () => {
    await update({ recording: { enabled: true } })
    await speakUntilFinal()
    const live = (await state()).recording
    expect(await list()).toMatchObject([{ id: live?.id, isLive: true }])
    await expect(
      window.call('mutation', 'recordings.remove', { id: live?.id }),
    ).rejects.toMatchObject({ message: 'It is being recorded: stop captions first.' })
    await window.call('mutation', 'session.stop')

    const [recording] = await list()
    expect(recording).toMatchObject({ id: live?.id, isLive: false })
    expect((await state()).recording).toBeUndefined()
    const path = join(folder, 'recordings', live?.fileName ?? '')
    const replay = await replayRecording(await readRecording(path))
    expect(replay.difference).toBeUndefined()
    expect(replay.outcome).toBe('stopped')
    expect(replay.captions.map(({ text }) => text).filter(Boolean)).toEqual(finals())
    const text = await readFile(path, 'utf8')
    for (const secret of [KEY, 'anary', folder, deepgram.url]) expect(text).not.toContain(secret)
  })

  it('end at once when they are switched off, and captions go on', async () => {
    await update({ recording: { enabled: true, withAudio: true } })
    await speakUntilFinal()
    const { recording } = await state()
    await update({ recording: { enabled: false } })
    await expect.poll(async () => (await state()).recording, SOON).toBeUndefined()
    expect(await list()).toMatchObject([{ id: recording?.id, isLive: false }])
    const before = finals().length
    await expect.poll(() => finals().length, SOON).toBeGreaterThan(before)
    const { session, notices } = await state()
    expect([session.isRunning, notices]).toEqual([true, []])
    await window.call('mutation', 'session.stop')
  })

  it('can be shown, copied and moved to the bin', async () => {
    await update({ recording: { enabled: true } })
    await speakUntilFinal()
    await window.call('mutation', 'session.stop')
    const [{ id } = { id: '' }] = await list()
    const path = join(folder, 'recordings', `${id}.saywire-session`)
    await window.call('mutation', 'recordings.show', { id })
    const copy = join(folder, 'copy.saywire-session')
    app.shell.answers.push(copy)
    expect(await window.call('mutation', 'recordings.saveCopy', { id })).toEqual({ path: copy })
    expect(await readFile(copy)).toEqual(await readFile(path))
    await window.call('mutation', 'recordings.remove', { id })
    expect(app.shell.calls).toContainEqual(['showInFolder', path])
    expect(app.shell.calls).toContainEqual(['trash', path])
    const elsewhere = { id: '../settings' }
    await expect(window.call('mutation', 'recordings.show', elsewhere)).rejects.toThrow('not there')
  })
})
