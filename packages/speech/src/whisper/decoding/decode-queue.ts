import { SAMPLE_RATE_HZ } from '@saywire/protocol'
import type { Decoded, DecodeOptions, WhisperModel } from '../library/whisper-binding.ts'

/** Whisper refuses less than a tenth of a second and is unsure below one. */
const LEAST_SAMPLES = 1.1 * SAMPLE_RATE_HZ

export interface DecodeJob {
  readonly samples: Float32Array
  /** Audio that is put before it, asked for when the decode begins. Default: none. */
  readonly leadIn?: Float32Array | undefined
  /** Asked for when the decode begins: what was heard before may tell the language. */
  readonly options: DecodeOptions
  /** `again`: it must be decoded once more, with the options that it has by now. */
  readonly onDone: (decoded: Decoded) => 'again' | void
}

/** A session, as the queue sees it. */
export interface DecodeClient {
  /** An interim that is due now, or undefined. Asked only while no final waits. */
  nextInterim(): DecodeJob | undefined
}

export interface DecodeQueue {
  add(client: DecodeClient): void
  /** Drops what the client waits for; none of its jobs is answered any more. */
  remove(client: DecodeClient): void
  /** Finals are decoded oldest first, before every interim; a running interim gives way. */
  final(client: DecodeClient, job: DecodeJob): void
  /** Takes back a final that is not being decoded yet; what is being decoded goes on. */
  cancel(job: DecodeJob): void
  /** Takes back the client's oldest final that is not being decoded yet. */
  dropOldest(client: DecodeClient): DecodeJob | undefined
  /** Tells that nextInterim() may have something. */
  wake(): void
}

interface Run {
  readonly client: DecodeClient
  readonly interim: boolean
  dropped: boolean
}

export interface DecodeQueueDeps {
  readonly model: WhisperModel
  /** The library failed; nothing can be decoded any more. */
  readonly onFailure: (error: unknown) => void
}

/** Shares one model between all sessions of a process. */
export function createDecodeQueue({ model, onFailure }: DecodeQueueDeps): DecodeQueue {
  const clients: DecodeClient[] = []
  const finals: { client: DecodeClient; job: DecodeJob }[] = []
  let running: Run | undefined
  let draining = false

  /** Sessions take turns: the one that had an interim goes to the end of the line. */
  function dueInterim(): { client: DecodeClient; job: DecodeJob } | undefined {
    for (const client of clients) {
      const job = client.nextInterim()
      if (!job) continue
      clients.push(...clients.splice(clients.indexOf(client), 1))
      return { client, job }
    }
    return undefined
  }

  async function decode(client: DecodeClient, job: DecodeJob, interim: boolean): Promise<void> {
    const run: Run = { client, interim, dropped: false }
    running = run
    const decoded = await model.decode(audioOf(job), job.options)
    running = undefined
    // Aborted, or of no use any more although the abort came too late.
    if (run.dropped) return
    if (decoded && job.onDone(decoded) === 'again' && !interim) finals.unshift({ client, job })
  }

  async function drain(): Promise<void> {
    if (draining) return
    draining = true
    for (;;) {
      const final = finals.shift()
      const next = final ?? dueInterim()
      if (!next) break
      await decode(next.client, next.job, final === undefined)
    }
    draining = false
  }

  function wake(): void {
    drain().catch(onFailure)
  }

  function giveWay(): void {
    if (!running || running.dropped) return
    running.dropped = true
    model.abort()
  }

  return {
    wake,
    add: (client) => void clients.push(client),
    remove(client) {
      const at = clients.indexOf(client)
      if (at !== -1) clients.splice(at, 1)
      for (let i = finals.length - 1; i >= 0; i--) {
        if (finals[i]?.client === client) finals.splice(i, 1)
      }
      if (running?.client === client) giveWay()
    },
    final(client, job) {
      finals.push({ client, job })
      if (running?.interim) giveWay()
      wake()
    },
    cancel(job) {
      const at = finals.findIndex((final) => final.job === job)
      if (at !== -1) finals.splice(at, 1)
    },
    dropOldest(client) {
      const at = finals.findIndex((final) => final.client === client)
      return at === -1 ? undefined : finals.splice(at, 1)[0]?.job
    },
  }
}

function audioOf({ samples, leadIn }: DecodeJob): Float32Array {
  if (!leadIn && samples.length >= LEAST_SAMPLES) return samples
  const before = leadIn?.length ?? 0
  const audio = new Float32Array(Math.max(before + samples.length, LEAST_SAMPLES))
  if (leadIn) audio.set(leadIn)
  audio.set(samples, before)
  return audio
}
