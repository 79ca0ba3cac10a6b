// Servers killed, ended and frozen at random moments: the books against what Deepgram received.
import { setTimeout as sleep } from 'node:timers/promises'
import { unbalancedUsers } from '../src/testing/unbalanced-users.ts'
import { account, max, mean, settleAll } from './accounts-of-run.ts'
import type { BenchDatabase } from './database.ts'
import { readCharges } from './database.ts'
import type { Promised } from './report.ts'
import { runBench, say } from './report.ts'
import type { Speaker, SpeakerOptions } from './speaker.ts'
import { startSpeaker } from './speaker.ts'
import type { Stage } from './stage.ts'
import { setStage, until } from './stage.ts'

const USERS = 25
const SESSIONS_PER_USER = 2
const HEARTBEAT_MS = 1000
/**
 * What may come on top of a heartbeat: the message of 100 ms under way, and the time that a busy
 * machine of two cores takes to write a heartbeat down.
 */
const SLACK_MS = 500
const PLENTY_MS = 24 * 3_600_000
const RECOVERY_MS = 30_000

interface Part {
  readonly promises: Promised[]
  readonly figures: Record<string, unknown>
}

await runBench('crash', async (run) => {
  const { isQuick } = run
  const expiryMs = isQuick ? 3000 : 15_000
  const stage = await setStage(run, {
    USAGE_FLUSH_MS: String(HEARTBEAT_MS),
    LEASE_EXPIRY_MS: String(expiryMs),
  })
  const killed = await killAtRandom(stage, {
    kills: isQuick ? 4 : 200,
    littleMs: isQuick ? 10_000 : 120_000,
    expiryMs,
  })
  const ended = await endInOrder(stage)
  const frozen = await freeze(stage, { frozenMs: isQuick ? 4500 : 30_000, expiryMs })
  return {
    figures: { killed: killed.figures, ended: ended.figures, frozen: frozen.figures },
    promises: [...killed.promises, ...ended.promises, ...frozen.promises],
  }
})

async function killAtRandom(
  stage: Stage,
  options: { readonly kills: number; readonly littleMs: number; readonly expiryMs: number },
): Promise<Part> {
  const { database, servers } = stage
  const before = await readCharges(database)
  const speakers = await startSpeakers(stage, (i) => (i % 5 === 0 ? options.littleMs : PLENTY_MS))
  await allStreaming(speakers)
  const wrongBooks: Record<string, unknown>[] = []
  const recoveriesMs: number[] = []
  let unrecovered = 0
  for (let kill = 1; kill <= options.kills; kill++) {
    await sleep(100 + Math.random() * 1400)
    const place = Math.floor(Math.random() * servers.length)
    const killedAtMs = performance.now()
    await stage.end(place, 'SIGKILL')
    const restarting = stage.start(place)
    if (!(await allStreaming(speakers))) unrecovered += 1
    recoveriesMs.push(performance.now() - killedAtMs)
    await restarting
    wrongBooks.push(...(await unbalancedUsers(database)))
    if (kill % 10 === 0) say(`${kill} of ${options.kills} kills`)
  }
  await stopAll(speakers)
  await settleAll(stage, options.expiryMs)
  const attempts = speakers.flatMap((speaker) => speaker.attempts)
  const books = await account(stage, attempts, before)
  wrongBooks.push(...books.wrongBooks)
  const refused = attempts.filter(({ error }) => error === 'too_many_connections').length
  const spent = attempts.filter(({ error }) => error === 'insufficient_credits').length
  const lossMaxMs = max(books.cutOffLossMs)
  const { orderlyLossMs, cutOffLossMs, ...totals } = books
  return {
    figures: {
      ...totals,
      kills: options.kills,
      cutOff: cutOffLossMs.length,
      lossMeanMs: mean(cutOffLossMs),
      lossMaxMs,
      recoveryMeanMs: mean(recoveriesMs),
      recoveryMaxMs: max(recoveriesMs),
      ranOutOfCredit: spent,
    },
    promises: [
      {
        promise: `${options.kills} × SIGKILL: the books are right after each, nothing below 0`,
        kept: wrongBooks.length === 0,
        measured: `${wrongBooks.length} users with wrong books`,
      },
      {
        promise: 'no session is charged more than Deepgram received of it',
        kept: books.overchargedMs === 0 && books.unknownMs === 0,
        measured: `${books.overchargedMs} ms too much over ${books.sessions} sessions`,
      },
      {
        promise: `a cut-off session loses at most a heartbeat (${HEARTBEAT_MS} ms, ${SLACK_MS} ms slack)`,
        kept: lossMaxMs <= HEARTBEAT_MS + SLACK_MS && cutOffLossMs.length > 0,
        measured: `max ${lossMaxMs} ms, mean ${mean(cutOffLossMs).toFixed(0)} ms of ${cutOffLossMs.length}`,
      },
      {
        promise: 'a session that ended in order is charged to the millisecond',
        kept: orderlyLossMs.every((ms) => ms === 0) && orderlyLossMs.length > 0,
        measured: `off by ${max(orderlyLossMs.map(Math.abs))} ms at most of ${orderlyLossMs.length}`,
      },
      {
        promise: 'no hold is left behind',
        kept: books.heldMs === 0,
        measured: `${books.heldMs} ms held`,
      },
      {
        promise: 'no take-over is refused, and every client streams again',
        kept: refused === 0 && unrecovered === 0,
        measured: `${refused} refused, back after ${mean(recoveriesMs).toFixed(0)} ms, at most ${max(recoveriesMs).toFixed(0)} ms`,
      },
    ],
  }
}

async function endInOrder(stage: Stage): Promise<Part> {
  const before = await readCharges(stage.database)
  const speakers = await startSpeakers(stage, () => PLENTY_MS, { isFinal: () => true })
  await allStreaming(speakers)
  await sleep(2000 + Math.random() * 1000)
  await Promise.all([stage.end(0, 'SIGTERM'), stage.end(1, 'SIGTERM')])
  await stopAll(speakers)
  await until(() => stage.deepgram.openCount === 0, 10_000)
  const attempts = speakers.flatMap((speaker) => speaker.attempts)
  const books = await account(stage, attempts, before)
  await Promise.all([stage.start(0), stage.start(1)])
  const off = [...books.orderlyLossMs, ...books.cutOffLossMs].map(Math.abs)
  return {
    figures: { ...books, offMaxMs: max(off) },
    promises: [
      {
        promise: 'SIGTERM: every session is charged what was received, to the millisecond',
        kept: max(off) === 0 && off.length >= USERS * SESSIONS_PER_USER && books.heldMs === 0,
        measured: `off by ${max(off)} ms at most of ${off.length}; ${books.chargedMs} ms charged`,
      },
    ],
  }
}

async function freeze(
  stage: Stage,
  { frozenMs, expiryMs }: { readonly frozenMs: number; readonly expiryMs: number },
): Promise<Part> {
  const before = await readCharges(stage.database)
  const speakers = await startSpeakers(stage, () => PLENTY_MS)
  await allStreaming(speakers)
  await sleep(2000)
  const frozen = stage.servers[0]
  if (!frozen) throw new Error('The server to be frozen is down.')
  stage.freeze(0)
  // What it had handed to the network still arrives.
  await sleep(500)
  const abandoned = speakers
    .filter(({ attempts }) => attempts.at(-1)?.url === frozen.url)
    .map((speaker) => speaker.abandon())
    .filter((attempt) => attempt !== undefined)
  const receivedMs = abandoned.map(({ tag }) => stage.receivedMs(tag))
  // Their clients take over on the other server, and go on sending to this one.
  await sleep(frozenMs)
  stage.thaw(0)
  await until(() => abandoned.every(({ closeCode }) => closeCode !== undefined), RECOVERY_MS)
  const forwardedMs = abandoned.map(({ tag }, i) => stage.receivedMs(tag) - (receivedMs[i] ?? 0))
  await stopAll(speakers)
  await settleAll(stage, expiryMs)
  const attempts = speakers.flatMap((speaker) => speaker.attempts)
  const books = await account(stage, attempts, before)
  const told = abandoned.filter(({ error }) => error === 'lease_lost').length
  const booked = await countLost(
    stage.database,
    abandoned.map(({ sessionId }) => sessionId ?? ''),
  )
  return {
    figures: { ...books, frozenMs, abandoned: abandoned.length, told, booked },
    promises: [
      {
        promise: `SIGSTOP for ${frozenMs / 1000} s: not a byte is forwarded after waking`,
        kept: max(forwardedMs) === 0 && abandoned.length > 0,
        measured: `${max(forwardedMs)} ms forwarded at most of ${abandoned.length} sessions`,
      },
      {
        promise: 'every session of the frozen server ends as lease_lost',
        kept: told === abandoned.length && booked === abandoned.length,
        measured: `${told} clients told, ${booked} booked of ${abandoned.length}`,
      },
      {
        promise: 'nothing is spent twice',
        kept:
          books.overchargedMs === 0 &&
          books.unknownMs === 0 &&
          books.wrongBooks.length === 0 &&
          books.heldMs === 0,
        measured: `${books.overchargedMs} ms too much, ${books.wrongBooks.length} users with wrong books`,
      },
    ],
  }
}

/** @param creditMs of the user with this number */
async function startSpeakers(
  stage: Stage,
  creditMs: (user: number) => number,
  options: Partial<SpeakerOptions> = {},
): Promise<Speaker[]> {
  const speakers: Speaker[] = []
  for (let user = 0; user < USERS; user++) {
    const userId = await stage.database.addUser(creditMs(user))
    for (let i = 0; i < SESSIONS_PER_USER; i++) {
      speakers.push(startSpeaker({ userId, pickServer: stage.pickServer, ...options }))
    }
  }
  return speakers
}

async function stopAll(speakers: readonly Speaker[]): Promise<void> {
  await Promise.all(speakers.map(async (speaker) => speaker.stop()))
}

async function allStreaming(speakers: readonly Speaker[]): Promise<boolean> {
  return until(
    () => speakers.every(({ isStreaming, isOver }) => isStreaming || isOver),
    RECOVERY_MS,
  )
}

async function countLost(
  { query }: Pick<BenchDatabase, 'query'>,
  sessionIds: readonly string[],
): Promise<number> {
  const rows = await query(
    `SELECT id FROM transcription_sessions WHERE id = ANY($1) AND end_reason = 'lease_lost'`,
    [sessionIds],
  )
  return rows.length
}
