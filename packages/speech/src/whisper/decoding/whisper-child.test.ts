import { fork } from 'node:child_process'
import { createRequire } from 'node:module'
import { getPriority } from 'node:os'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { findVoiceModel } from '../model/voice-model.ts'
import { jfkSpeech, prepareWhisper } from '../testing/prepare-whisper.ts'
import { SESSION_CONFIG } from '../testing/session-config.ts'
import type { WhisperReply, WhisperRequest } from '../whisper-messages.ts'

const TIMEOUT_MS = 120_000
const whisper = await prepareWhisper()
const onWindows = process.platform === 'win32'
const why = whisper.missing ?? (onWindows ? 'signals end a process there' : undefined)

describe.skipIf(why !== undefined)(
  `the whisper process${why === undefined ? '' : ` (skipped: ${why})`}`,
  { timeout: TIMEOUT_MS },
  () => {
    /** The process with its model loaded, and what it says. */
    async function start() {
      const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
      const entry = fileURLToPath(new URL('whisper-child.ts', import.meta.url))
      const child = fork(entry, { serialization: 'advanced', execArgv: ['--import', loader] })
      onTestFinished(() => void child.kill('SIGKILL'))
      const replies: WhisperReply[] = []
      child.on('message', (reply) => replies.push(reply as WhisperReply))
      const send = (request: WhisperRequest) => child.send(request)
      const says = async (type: WhisperReply['type']) =>
        expect
          .poll(() => replies.map((reply) => reply.type), { timeout: TIMEOUT_MS })
          .toContain(type)
      if (whisper.missing === undefined) {
        const { library, modelPath, modelsDir } = whisper
        const voiceModelPath = await findVoiceModel(modelsDir)
        send({ type: 'load', library, modelPath, voiceModelPath, threads: 2, gpu: false })
      }
      await says('loaded')
      return { child, replies, send, says }
    }

    it('gives its last finals although its whole process group was told to end', async () => {
      const { child, replies, send, says } = await start()
      const config = { ...SESSION_CONFIG, interims: false }
      send({ type: 'open', session: 1, config })
      send({ type: 'audio', session: 1, pcm: jfkSpeech() })
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) child.kill(signal)
      send({ type: 'close', session: 1 })
      await says('ended')
      const events = replies.flatMap((reply) => (reply.type === 'event' ? [reply.event] : []))
      const finals = events.flatMap((event) => (event.type === 'final' ? [event.text] : []))
      expect(finals.join(' ')).toContain('your country')
    })

    it('gives way to the game and the stream', async () => {
      const { child } = await start()
      expect(getPriority(child.pid)).toBeGreaterThan(getPriority())
    })

    it('ends with its owner', async () => {
      const { child } = await start()
      child.disconnect()
      await expect.poll(() => child.exitCode, { timeout: TIMEOUT_MS }).toBe(0)
    })
  },
)
