// Two processes, one user: no more sessions than allowed, and not a millisecond beyond the credit.
import { TRANSCRIBE_PATH } from '@saywire/protocol'
import { WebSocket } from 'ws'
import { unbalancedUsers } from '../src/testing/unbalanced-users.ts'
import { max, settleAll, sum } from './accounts-of-run.ts'
import { readCharges } from './database.ts'
import type { Promised } from './report.ts'
import { runBench, say } from './report.ts'
import { issueToken } from './server-process.ts'
import { startSpeaker } from './speaker.ts'
import type { Stage } from './stage.ts'
import { setStage, until } from './stage.ts'

const EXPIRY_MS = 3000
const MINUTE_MS = 60_000
const RACE_CREDIT_MS = 10_000
const RACERS = 64
const OUTCOME_MS = 30_000
const HONEST_OUTCOMES: ReadonlySet<string> = new Set(['ready', 'insufficient_credits', 'busy'])

await runBench('limits', async (run) => {
  // Leases of a minute would give the first session all of the credit at once.
  const stage = await setStage(run, { LEASE_MS: '5000', LEASE_EXPIRY_MS: String(EXPIRY_MS) })
  const minute = await spendOneMinute(stage, run.isQuick ? 1 : 5)
  // Leases of a second, and as many sessions as there are racers: credit alone is the limit.
  const env = { LEASE_MS: '1000', SESSIONS_PER_USER: String(RACERS) }
  await Promise.all([stage.end(0, 'SIGTERM'), stage.end(1, 'SIGTERM')])
  await Promise.all([stage.start(0, env), stage.start(1, env)])
  const race = await raceForCredit(stage, run.isQuick ? 8 : 200)
  return {
    figures: { minute: minute.figures, race: race.figures },
    promises: [...minute.promises, ...race.promises],
  }
})

interface Part {
  readonly promises: Promised[]
  readonly figures: Record<string, unknown>
}

/** Four clients at once, each at twice real time, come back until the credit is gone. */
async function spendOneMinute(stage: Stage, rounds: number): Promise<Part> {
  const receivedMs: number[] = []
  let openMax = 0
  let refused = 0
  const watch = setInterval(() => {
    openMax = Math.max(openMax, stage.deepgram.openCount)
  }, 2)
  for (let round = 0; round < rounds; round++) {
    const userId = await stage.database.addUser(MINUTE_MS)
    const speakers = [0, 1, 0, 1].map((place) =>
      startSpeaker({ userId, pickServer: () => stage.servers[place]?.url ?? '', speed: 2 }),
    )
    await until(() => speakers.every(({ isOver }) => isOver), 2 * MINUTE_MS)
    await Promise.all(speakers.map(async (speaker) => speaker.stop()))
    await settleAll(stage, EXPIRY_MS)
    const attempts = speakers.flatMap((speaker) => speaker.attempts)
    receivedMs.push(sum(attempts.map(({ tag }) => stage.receivedMs(tag))))
    refused += attempts.filter(({ error }) => error === 'too_many_connections').length
  }
  clearInterval(watch)
  const chargedMs = sum([...(await readCharges(stage.database)).values()])
  const wrong = await unbalancedUsers(stage.database)
  return {
    figures: { rounds, openMax, refused, receivedMs, chargedMs },
    promises: [
      {
        promise: 'of four sessions at once of one user, never more than two run',
        kept: openMax === 2 && refused > 0,
        measured: `${openMax} at most, ${refused} refused`,
      },
      {
        promise: `of ${MINUTE_MS} ms of credit, never more are forwarded`,
        kept: max(receivedMs) <= MINUTE_MS,
        measured: `${receivedMs.join(', ')} ms`,
      },
      {
        promise: 'what was forwarded is what was charged',
        kept: chargedMs === sum(receivedMs) && wrong.length === 0,
        measured: `${sum(receivedMs)} ms forwarded, ${chargedMs} ms charged`,
      },
    ],
  }
}

async function raceForCredit(stage: Stage, rounds: number): Promise<Part> {
  const grantedMs: number[] = []
  let busy = 0
  let other = 0
  const outcomes: Record<string, number> = {}
  for (let round = 1; round <= rounds; round++) {
    const userId = await stage.database.addUser(RACE_CREDIT_MS)
    const token = await issueToken(userId)
    const racers = await Promise.all(
      Array.from({ length: RACERS }, async (_, i) => open(stage.servers[i % 2]?.url ?? '', token)),
    )
    const [row] = await stage.database.query(
      `SELECT sum(granted_ms) AS ms FROM leases WHERE user_id = $1 AND state = 'active'`,
      [userId],
    )
    grantedMs.push(Number(row?.['ms'] ?? 0))
    for (const { outcome } of racers) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
    busy += racers.filter(({ outcome }) => outcome === 'busy').length
    other += racers.filter(({ outcome }) => !HONEST_OUTCOMES.has(outcome)).length
    await Promise.all(racers.map(async ({ close }) => close()))
    if (round % 50 === 0) say(`${round} of ${rounds} rounds`)
  }
  await settleAll(stage, EXPIRY_MS)
  const wrong = await unbalancedUsers(stage.database)
  const least = Math.min(...grantedMs)
  return {
    figures: {
      rounds,
      racers: RACERS,
      grantedMaxMs: max(grantedMs),
      grantedMinMs: least,
      outcomes,
    },
    promises: [
      {
        promise: `${RACERS} opened at once on ${RACE_CREDIT_MS} ms, ${rounds} ×: never more is granted`,
        kept: max(grantedMs) <= RACE_CREDIT_MS && least > 0 && wrong.length === 0,
        measured: `${least} to ${max(grantedMs)} ms granted`,
      },
      {
        promise: 'each of them is ready, or told that the credit is used up or the server busy',
        kept: other === 0,
        measured: `${other} of ${rounds * RACERS} heard something else, ${busy} busy`,
      },
    ],
  }
}

/** Opens a session that says nothing. */
async function open(url: string, token: string) {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}${TRANSCRIBE_PATH}`)
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  const outcome = await new Promise<string>((resolve) => {
    const timer = setTimeout(resolve, OUTCOME_MS, 'nothing')
    const tell = (what: string): void => {
      clearTimeout(timer)
      resolve(what)
    }
    socket.once('error', (error) => tell(error.message))
    socket.once('close', (code) => tell(`close ${code}`))
    socket.once('open', () => socket.send(JSON.stringify({ type: 'auth', token })))
    socket.on('message', (data: Buffer) => {
      const { type, code } = JSON.parse(data.toString()) as { type: string; code?: string }
      if (type === 'ready' || type === 'error') tell(code ?? type)
    })
  })
  return {
    outcome,
    async close(): Promise<void> {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: 'stop' }))
      await closed
    },
  }
}
