import type { SpeechEngine, SpeechEvent } from '@saywire/speech'
import type { WordErrors } from '@saywire/speech/testing'
import { wordErrors } from '@saywire/speech/testing'
import { finalText } from './feed-fast.ts'
import type { MeasuredEngine } from './measured-engine.ts'
import type { SpeechClip } from './speech-set.ts'
import type { WhisperCli } from './whisper-cli.ts'

/** Beam search of five, as the program comes. */
const PLAIN: readonly string[] = []
const GREEDY: readonly string[] = ['-bs', '1', '-bo', '1']

export interface Decoded extends WordErrors {
  readonly text: string
  readonly tookS: number
  readonly cpuS: number | undefined
}

/** One clip, whole, three ways. */
export interface BatchResult {
  readonly clip: SpeechClip
  /** whisper-cli with its plain defaults. */
  readonly plain: Decoded
  /** whisper-cli, greedy and without a second try of best of several. */
  readonly greedy: Decoded
  readonly engine: Decoded
}

/** Clip by clip and in turn, so that a machine that is busy is so for all three. */
export async function decodeBatch(
  clips: readonly SpeechClip[],
  cli: WhisperCli,
  measured: MeasuredEngine,
): Promise<BatchResult[]> {
  const results: BatchResult[] = []
  const [first] = clips
  if (first) await decodeAtOnce(measured.engine, first.pcm)
  for (const clip of clips) {
    const score = (run: Omit<Decoded, keyof WordErrors>): Decoded => {
      return { ...run, ...wordErrors(clip.reference, run.text) }
    }
    results.push({
      clip,
      plain: score(await cli.decode(clip.pcm, PLAIN)),
      greedy: score(await cli.decode(clip.pcm, GREEDY)),
      engine: score(await timeEngine(measured, clip.pcm)),
    })
  }
  return results
}

async function timeEngine({ engine, cpuS }: MeasuredEngine, pcm: Uint8Array) {
  const before = await cpuS()
  const startedAtMs = performance.now()
  const text = await decodeAtOnce(engine, pcm)
  const tookS = (performance.now() - startedAtMs) / 1000
  const after = await cpuS()
  return {
    text,
    tookS,
    cpuS: before === undefined || after === undefined ? undefined : after - before,
  }
}

/** Everything is written at once, as an engine is given a file. */
async function decodeAtOnce(engine: SpeechEngine, pcm: Uint8Array): Promise<string> {
  const config = { interim_results: false }
  const session = await engine.open({ config }, new AbortController().signal)
  session.write(pcm.slice())
  const closed = session.close()
  const events: SpeechEvent[] = []
  for await (const event of session.events) {
    if (event.type === 'error') throw event.error
    events.push(event)
  }
  await closed
  return finalText(events)
}
