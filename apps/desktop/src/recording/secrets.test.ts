import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { overlayStyleSchema } from '@saywire/overlay'
import { SpeechError } from '@saywire/speech'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CaptureError } from '../core/ports.ts'
import { createFrameEngine } from '../core/testing/frame-engine.ts'
import { settle, startRecovering } from '../core/testing/recovering-session.ts'
import { settingsSchema } from '../settings/settings.ts'
import { recordSettings } from './recorded-settings.ts'
import { startRecordedSession } from './recorded-session.ts'

const CANARY = 'canary'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saywire-canary-'))
})
afterEach(async () => rm(folder, { recursive: true }))

/** Settings with the word in everything that takes a text. */
const settings = settingsSchema.parse({
  transcription: {
    serverUrl: `https://${CANARY}.example`,
    localModel: 'base.en',
    vocabulary: [CANARY],
  },
  microphone: { order: [`Microphone of ${CANARY}`] },
  overlay: {
    overlays: [
      {
        name: CANARY,
        style: { ...overlayStyleSchema.parse({}), css: `.${CANARY} { color: red }` },
      },
    ],
  },
  words: { replacements: [{ from: CANARY, to: CANARY }], profaneWords: [CANARY] },
  files: { folder: `/home/${CANARY}`, title: CANARY },
  obs: { url: `ws://${CANARY}.example:4455`, muteInput: CANARY },
})

const message = `No ${CANARY}@example.org at https://me:${CANARY}@host/?token=${CANARY} in /home/${CANARY}`

test('nothing that names a person, a place or a secret is in a recording', async () => {
  const path = join(folder, 'recording')
  const run = await startRecovering({
    start: (deps) =>
      startRecordedSession(
        {
          ...deps,
          config: { language: 'en', keyterm: [CANARY], keywords: [CANARY], replace: [CANARY] },
          async fallback() {
            throw new SpeechError('model_unavailable', message)
          },
        },
        {
          path,
          withAudio: false,
          app: '0.1.0',
          settings: recordSettings(settings),
          onCut: () => undefined,
        },
      ),
  })
  run.manual.listener?.onDevice?.(`Microphone of ${CANARY}`)
  run.manual.listener?.onNotice(message)
  run.speak(13)
  await settle()
  const cause = new Error(message)
  run.live()?.cut(new SpeechError('upstream_lost', message, { retryable: true, cause }))
  await settle()
  run.chosen.openErrors.push(new SpeechError('unauthenticated', message))
  run.clock.advance(2000)
  await settle()
  run.session.switchEngine(
    { ...createFrameEngine(), open: async () => Promise.reject(new TypeError(message)) },
    { keyterm: [CANARY] },
  )
  run.session.reconfigure({ keyterm: [CANARY], language: 'de' })
  await settle()
  run.session.stop()
  await run.session.finished
  const text = await readFile(path, 'utf8')
  expect(text).toContain('"upstream_lost"')
  expect(text).toContain('"model_unavailable"')
  expect(text).toContain('"text":"1 2 3 4 5"')
  expect(text).not.toContain(CANARY)
})

test('neither a server nor a file may name itself in a recording', async () => {
  const path = join(folder, 'recording')
  const engine = createFrameEngine()
  const run = await startRecovering({
    start: (deps) =>
      startRecordedSession(
        {
          ...deps,
          engine: {
            open: async (options, signal) => ({
              ...(await engine.open(options, signal)),
              backend: `<${CANARY}@example.org>`,
            }),
          },
        },
        { path, withAudio: false, app: '0.1.0', onCut: () => undefined },
      ),
  })
  run.manual.fail(new CaptureError('not_found', message))
  await run.session.finished
  const text = await readFile(path, 'utf8')
  expect(text).toContain('"not_found"')
  expect(text).not.toContain(CANARY)
})
