import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SpeechError } from '@saywire/speech'
import { describe, expect, it, onTestFinished } from 'vitest'
import { wordFrame } from '../core/testing/frame-engine.ts'
import { settle, startRecovering } from '../core/testing/recovering-session.ts'
import { createReplayFile } from './replay-file.ts'

const broke = new SpeechError('insufficient_credits', 'Out of credit.')
const MINUTE_FRAMES = 60_000 / 20
const isLinux = process.platform === 'linux'

/** A session without an engine, whose speech waits in a real file. */
async function startWaiting() {
  const folder = mkdtempSync(join(tmpdir(), 'saywire-waiting-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const notices: string[] = []
  const file = createReplayFile({ folder, onNotice: (one) => notices.push(one) })
  const run = await startRecovering({ hasFallback: false, replayStore: file })
  run.speak(10)
  run.live()?.cut(broke)
  await settle()
  return { run, file, folder, notices, modes: () => openFiles(folder) }
}

/** Modes of this process's open files on that disk that have no name any more. */
function openFiles(folder: string): number[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const { mode, nlink, dev } = statSync(`/proc/self/fd/${fd}`)
      return nlink === 0 && dev === statSync(folder).dev ? [mode & 0o777] : []
    } catch {
      return []
    }
  })
}

describe('speech that waits for minutes in a file', () => {
  it.runIf(isLinux)(
    'is on the disk only then, for this user alone, and nothing is left',
    async () => {
      const { run, file, folder, notices, modes } = await startWaiting()
      const before = modes()
      run.speak(0.9 * MINUTE_FRAMES)
      expect([file.keptBytes, modes()]).toEqual([0, before])
      run.speak(2 * MINUTE_FRAMES)
      expect(file.keptBytes).toBeGreaterThan(60_000 * 32)
      expect(modes()).toEqual([...before, 0o600])
      expect(readdirSync(folder)).toEqual([])

      // Not a byte of it while the user is muted.
      run.mute(true)
      const keptBytes = file.keptBytes
      run.speak(3 * MINUTE_FRAMES)
      expect(file.keptBytes).toBe(keptBytes)
      run.mute(false)
      run.speak(MINUTE_FRAMES)

      run.session.retryChosen()
      await settle()
      expect(await run.finish()).toEqual({ kind: 'completed' })
      expect(run.heardWords()).toEqual(run.spoken)
      expect([...run.notices, ...notices]).toEqual([])
      expect([file.keptBytes, modes(), readdirSync(folder)]).toEqual([0, before, []])
    },
  )

  it('is removed at the end, and does not come back with what the source delivers after it', async () => {
    const { run, file } = await startWaiting()
    run.speak(3 * MINUTE_FRAMES)
    expect(file.keptBytes).toBeGreaterThan(0)
    run.session.stop()
    await run.session.finished
    expect(file.keptBytes).toBe(0)
    for (let frame = 0; frame < MINUTE_FRAMES; frame++) run.manual.listener?.onAudio(wordFrame(1))
    expect(file.keptBytes).toBe(0)
  })
})
