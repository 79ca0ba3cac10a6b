import { parseArgs } from 'node:util'
import { renderTranscript } from '../files/caption-formats.ts'
import { acceptReplay } from '../recording/accept-replay.ts'
import type { Difference } from '../recording/compare-replay.ts'
import { readRecording } from '../recording/read-recording.ts'
import type { RecordingHead } from '../recording/recording-format.ts'
import type { Replay } from '../recording/replay-recording.ts'
import { replayRecording } from '../recording/replay-recording.ts'
import { parsed } from './arguments.ts'
import type { Console } from './console.ts'
import { EXIT, UsageError } from './exit-codes.ts'
import { parseFormat } from './save-option.ts'

export const REPLAY_HELP = `saywire replay <recording> [--format txt|srt|vtt|json] [--quiet] [--accept]

  Runs a recorded session again, in no time and without microphone, network or engine, and writes
  its captions to standard output (txt). Standard error says whether they are the same as were
  recorded; where they are not, the exit code is 8. --quiet leaves that to the exit code.

  --accept writes the captions as they are now into the recording, as those that are expected of
  it: so a fault's recording becomes a test, once the fault is mended.

  The app records sessions where the settings say so; "saywire caption --record FILE" does too.
`

const OPTIONS = {
  format: { type: 'string', default: 'txt' },
  quiet: { type: 'boolean', default: false },
  accept: { type: 'boolean', default: false },
} as const

/** `saywire replay`. Returns the exit code; throws what main() describes. */
export async function replayCommand(args: string[], console: Console): Promise<number> {
  const { values, positionals } = parsed(() =>
    parseArgs({ args, options: OPTIONS, allowPositionals: true }),
  )
  const format = parseFormat(values.format)
  const [path, ...more] = positionals
  if (path === undefined || more.length > 0) throw new UsageError('Name one recording.')
  const recording = await readRecording(path)
  const replay = await replayRecording(recording)
  const captions = replay.captions.filter(({ text }) => text.trim() !== '')
  const facts = factsOf(recording.head, replay)
  console.stdout.write(renderTranscript(captions, format, facts, { timestamps: false }))
  if (!values.quiet) console.stderr.write(`${verdict(replay, captions.length)}\n`)
  if (values.accept) {
    await acceptReplay(path, recording, replay)
    return EXIT.ok
  }
  return replay.difference ? EXIT.different : EXIT.ok
}

function factsOf({ startedAt, config }: RecordingHead, { backend }: Replay) {
  const language = typeof config['language'] === 'string' ? config['language'] : 'en'
  return { title: '', startedAt: new Date(startedAt), engine: backend ?? '', language, files: [] }
}

function verdict({ difference, outcome }: Replay, captions: number): string {
  if (difference) return describe(difference)
  const count = captions === 1 ? '1 caption as was' : `${captions} captions as were`
  const same = `The same ${count} recorded.`
  return outcome === undefined ? `${same} The recording ends before the session does.` : same
}

function describe(difference: Difference): string {
  switch (difference.about) {
    case 'caption':
      return [
        `Other captions than were recorded, from caption ${difference.number} on.`,
        `  recorded  ${difference.recorded ?? '(none)'}`,
        `  replayed  ${difference.replayed ?? '(none)'}`,
      ].join('\n')
    case 'interims':
      return `The same text as was recorded, with other interims or word times up to caption ${difference.number}.`
    case 'outcome':
      return `The same captions as were recorded, but the session ended otherwise: ${difference.recorded} then, ${difference.replayed ?? 'not at all'} now.`
  }
}
