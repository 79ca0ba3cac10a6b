/* The clients of the proxy bench, in a process of their own. */
import { setTimeout as sleep } from 'node:timers/promises'
import { FRAME_MS, nowUs } from './audio-frame.ts'
import { percentilesOf } from './percentiles.ts'
import { answerQuestions } from './questions.ts'
import type { Dialect, Talker, WordCounts } from './talker.ts'
import { startTalker } from './talker.ts'

const RETRY_MS = 250
/** Refusals as `busy` in a row after which a client stays away. */
const BUSY_MAX = 8
const START_TIMEOUT_MS = 120_000
const STOP_TIMEOUT_MS = 30_000
/** Sessions that are opened at once. */
const OPENING_MAX = 20

export interface Crowd {
  readonly url: string
  readonly dialect: Dialect
  /** One client for each. */
  readonly tokens: readonly string[]
}

let talkers: Talker[] = []
let nextStream = 1
let heardUs: number[] = []
let lateUs: number[] = []
const problems: string[] = []

/** One who is refused at first comes back, as a client would; undefined where there is no room. */
async function open(crowd: Crowd, token: string, byMs: number): Promise<Talker | undefined> {
  let problem = 'no answer'
  for (let refusals = 0; refusals < BUSY_MAX;) {
    const { url, dialect } = crowd
    const onHeard = (latencyUs: number): unknown => heardUs.push(latencyUs)
    const talker = startTalker({ url, dialect, token, stream: nextStream++, onHeard })
    while (!talker.isStreaming && !talker.isOver && performance.now() < byMs) await sleep(5)
    if (talker.isStreaming) return talker
    problem = talker.problem ?? problem
    refusals = problem === 'busy' ? refusals + 1 : 0
    if (performance.now() >= byMs) throw new Error(`${url} opened no stream: ${problem}`)
    await sleep(RETRY_MS)
  }
  return undefined
}

/** Sends each client's frames in real time, with the phases spread over the time of a frame. */
async function pace(talker: Talker, startUs: number): Promise<void> {
  for (let frame = 0; talker.isStreaming; frame++) {
    const dueUs = startUs + frame * FRAME_MS * 1000
    const waitMs = (dueUs - nowUs()) / 1000
    if (waitMs > 0) await sleep(waitMs)
    if (!talker.isStreaming) return
    lateUs.push(nowUs() - dueUs)
    talker.sendFrame()
  }
}

const answers = {
  /** Opens more clients, and resolves when all speak for whom there is room. */
  async start(crowd: Crowd) {
    const byMs = performance.now() + START_TIMEOUT_MS
    const waiting = crowd.tokens.map((token, i) => ({ token, phase: i / crowd.tokens.length }))
    async function work(): Promise<void> {
      for (let next = waiting.pop(); next; next = waiting.pop()) {
        const talker = await open(crowd, next.token, byMs)
        if (!talker) continue
        talkers.push(talker)
        void pace(talker, nowUs() + next.phase * FRAME_MS * 1000)
      }
    }
    await Promise.all(Array.from({ length: OPENING_MAX }, work))
  },
  streaming: () => talkers.filter(({ isStreaming }) => isStreaming).length,
  /** Frames that those who are here have sent. */
  sent: () => talkers.reduce((total, { counts }) => total + counts.sent, 0),
  /** Since it was asked last: latencies of the results, and how late frames were sent; µs. */
  latencies() {
    const measured = { heardUs: percentilesOf(heardUs), lateUs: percentilesOf(lateUs) }
    heardUs = []
    lateUs = []
    return measured
  },
  /** Ends all clients in order, and accounts for what they sent and heard. */
  async stop() {
    for (const talker of talkers) talker.stop()
    const byMs = performance.now() + STOP_TIMEOUT_MS
    while (talkers.some(({ isOver }) => !isOver) && performance.now() < byMs) await sleep(20)
    const total = { sent: 0, said: 0, lost: 0, doubled: 0, foreign: 0 }
    for (const { counts, problem, isOver } of talkers) {
      for (const name of Object.keys(total) as (keyof WordCounts)[]) total[name] += counts[name]
      if (problem !== undefined) problems.push(problem)
      if (!isOver) problems.push('did not end')
    }
    talkers = []
    return { ...total, problems: problems.splice(0) }
  },
}
export type LoadQuestions = typeof answers
answerQuestions(answers)
