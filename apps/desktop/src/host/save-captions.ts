import { writeFile } from 'node:fs/promises'
import type { TranscriptFormat } from '../api/desktop-services.ts'
import type { CaptionView } from '../api/desktop-state.ts'
import { HostError } from '../api/host-error.ts'
import { renderTranscript } from '../files/caption-formats.ts'
import { captionFileName } from '../files/file-names.ts'
import type { Settings } from '../settings/settings.ts'
import type { ShellPort } from './shell-port.ts'

export interface SaveCaptionsOptions {
  readonly captions: readonly CaptionView[]
  readonly format: TranscriptFormat
  readonly settings: Settings
  readonly shell: Pick<ShellPort, 'chooseSaveFile'>
  /** Epoch, ms. */
  readonly nowMs: number
}

/**
 * Writes what the window shows to a file that the user chooses; null where they changed their mind.
 * @throws HostError `refused` where it cannot be written
 */
export async function saveCaptions(options: SaveCaptionsOptions): Promise<{ path: string | null }> {
  const { format, settings, nowMs } = options
  const { title, timestamps } = settings.files
  const startedAt = new Date(nowMs)
  const defaultName = `${captionFileName(startedAt, title)}.${format}`
  const path = await options.shell.chooseSaveFile({ title: 'Save captions', defaultName })
  if (path === undefined) return { path: null }
  const facts = {
    title,
    startedAt,
    engine: '',
    files: [],
    language: settings.transcription.language,
  }
  const text = renderTranscript(onOneClock(options.captions), format, facts, { timestamps })
  await writeFile(path, text).catch((error: NodeJS.ErrnoException) => {
    throw new HostError('refused', `${path} cannot be written (${error.code}): choose another.`)
  })
  return { path }
}

/** Each session's clock begins at 0: one after another, so that times never run backwards. */
function onOneClock(captions: readonly CaptionView[]) {
  let offsetMs = 0
  let endMs = 0
  return captions.map(({ text, startMs, endMs: ownEndMs }) => {
    if (startMs + offsetMs < endMs) offsetMs = endMs - startMs
    endMs = ownEndMs + offsetMs
    return { text, words: [], startMs: startMs + offsetMs, endMs }
  })
}
