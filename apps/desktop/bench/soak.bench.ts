// An hour of 50 sessions with a random fault each minute: memory stays flat, and nothing leaks. `--minutes`, `--sessions`.
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createRandom, startTcpCutter } from '@saywire/speech/testing'
import { setFaultStage } from './faults/fault-stage.ts'
import type { Holding } from './soak/probe.ts'
import { probeEnv, takeProbe } from './soak/probe.ts'
import { soakFaults } from './soak/soak-faults.ts'
import { startStreamers } from './soak/streamers-process.ts'
import { slopeOf } from './soak/trend.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    minutes: { type: 'string', default: '60' },
    sessions: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
  },
})
const print = (line: string): void => void process.stdout.write(`${line}\n`)
const startedAtMs = performance.now()
const random = createRandom(Number(values.seed))
const plan = values.quick
  ? { durationMs: 9000, sessions: 10, everyMs: 3000, probeMs: 3000 }
  : {
      durationMs: Number(values.minutes) * 60_000,
      sessions: Number(values.sessions),
      everyMs: 60_000,
      probeMs: 20_000,
    }
/** Of them all, those whose server is not killed. */
const STEADY_SHARE = 0.8
/** What fills once (the newest captions, pools, caches, compiled code) is no leak; it is done by then. */
const WARM_MS = 15 * 60_000
const HEAP_SLOPE_MAX_MB_PER_H = 5
const CREDIT_MS = 12 * 3_600_000
/** After the last fault: a peer that says nothing is found within 20 s. */
const ALL_BACK_MS = 40_000
/** A cut session is kept for a minute, and what it held a little longer. */
const LETTING_GO_MS = values.quick ? 3000 : 90_000
/** Connections that a pool keeps, and what comes and goes. */
const SOCKETS_SLACK = 4
const TIMERS_SLACK = 3
const END_MAX_MS = 20_000

const { durationMs, everyMs, probeMs } = plan
const faults = values.quick ? soakFaults.filter(({ takesLong }) => !takesLong) : soakFaults
await using stage = await setFaultStage(probeEnv)
await using app = await startStreamers(stage.backstage)
let address = 0
const nextAddress = () => `127.0.${1 + (((address += 1) >> 7) % 100)}.${1 + (address & 127)}`
await using steady = await startTcpCutter(() => ({
  port: stage.steadyPort(),
  localAddress: nextAddress(),
}))
await using moving = await startTcpCutter(() => ({
  port: stage.portInUse(),
  localAddress: nextAddress(),
}))
const streamers = await Promise.all(
  Array.from({ length: plan.sessions }, async (_, i) => ({
    userId: await stage.backstage.addUser(CREDIT_MS),
    port: i < STEADY_SHARE * plan.sessions ? steady.port : moving.port,
  })),
)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void endAll().finally(() => process.exit(1)))
}
let isOver = false
for (const [who, child] of [
  ['server', stage.steadyProcess],
  ['app', app.process],
] as const) {
  let lastWords = ''
  child.stderr?.on(
    'data',
    (text: Buffer) => (lastWords = `${lastWords}${text.toString()}`.slice(-2000)),
  )
  child.once('exit', (code, signal) => {
    if (!isOver) print(`The ${who} ended with ${code ?? signal}. ${lastWords}`)
  })
}
const before = {
  app: await takeProbe(app.process, startedAtMs),
  server: await takeProbe(stage.steadyProcess, startedAtMs),
}
app.begin(streamers)
const begunAtMs = performance.now()
print(`${plan.sessions} sessions, ${durationMs / 60_000} min, a fault each ${everyMs / 1000} s`)

const probes: { readonly app: Holding; readonly server: Holding }[] = []
/** By the clock that the books are kept by, too. */
const strikes: { readonly name: string; readonly at: Date }[] = []
let mayMissMs = 0
const elapsedMs = () => performance.now() - begunAtMs

async function strikeOften(): Promise<void> {
  for (let minute = 0; (minute + 1) * everyMs < durationMs; minute += 1) {
    const dueMs = (minute + random()) * everyMs
    await sleep(Math.max(0, dueMs - elapsedMs()))
    const fault = faults[Math.floor(random() * faults.length)]
    if (!fault) continue
    strikes.push({ name: fault.name, at: new Date() })
    mayMissMs += fault.billMayMissMs ?? 0
    await fault.strike({ stage, clients: [steady, moving], random })
  }
}

/** Waits until everybody listens, for as long as it may take. */
async function allBack() {
  const deadlineMs = elapsedMs() + ALL_BACK_MS
  for (;;) {
    const now = await app.count()
    if (now.listening === plan.sessions || elapsedMs() > deadlineMs) return now
    await sleep(500)
  }
}

async function probeOften(): Promise<void> {
  while (elapsedMs() + probeMs < durationMs) {
    await sleep(probeMs)
    const probe = {
      app: await takeProbe(app.process, begunAtMs),
      server: await takeProbe(stage.steadyProcess, begunAtMs),
    }
    probes.push(probe)
    if (values.quick || probes.length % 15 === 0) print(toLine(probe))
  }
}

print('   min   server heap  sockets timers   app heap  sockets timers')
await Promise.all([strikeOften(), probeOften()])
const live = await allBack()
const last = await app.stop()
await sleep(LETTING_GO_MS)
const after = {
  app: await takeProbe(app.process, begunAtMs),
  server: await takeProbe(stage.steadyProcess, begunAtMs),
}
const bills = await Promise.all(
  streamers.map(async ({ userId, port }) => ({
    isSteady: port === steady.port,
    overMs: (await stage.backstage.chargedMs(userId)) - (last.spokenMs[userId] ?? 0),
    rows: (await stage.backstage.sessions(userId)).rows,
  })),
)

isOver = true
print('')
for (const { name, at } of strikes) print(`${at.toISOString()} ${name}`)
for (const indicator of live.otherwise) print(`not listening: ${indicator}`)
for (const { rows } of bills) if (rows.length !== 1) print(`rows: ${JSON.stringify(rows)}`)
for (const [sentence, times] of Object.entries(last.notices)) print(`${times} × "${sentence}"`)
const slopes = { server: heapSlope('server'), app: heapSlope('app') }
const overs = bills.map(({ overMs }) => overMs)
const isLong = durationMs >= 2 * WARM_MS
const promises = [
  promise(
    'each word once',
    `${last.said} said, ${last.lost} lost, ${last.doubled} doubled, ${last.invented} torn`,
    last.said > 0 && last.lost + last.doubled + last.invented === 0,
  ),
  promise(
    'every session listens at the end',
    `${live.listening} of ${plan.sessions}`,
    live.listening === plan.sessions,
  ),
  promise(
    'one session, whatever befell it',
    `${Math.max(...bills.map(({ rows }) => rows.length))} rows at most`,
    bills.every(({ rows }) => rows.length === 1),
  ),
  promise(
    'nothing is billed twice',
    `${Math.min(...overs)} … ${Math.max(...overs)} ms`,
    Math.max(...overs) <= 0,
  ),
  promise(
    'nothing is missing from a bill but what went with a server or its database',
    `${Math.min(...overs)} ms; ${mayMissMs} ms may be missing`,
    Math.min(...overs) >= -1 - mayMissMs,
  ),
  ...(['server', 'app'] as const).flatMap((who) => [
    promise(
      `the ${who}'s heap grows by less than ${HEAP_SLOPE_MAX_MB_PER_H} MB/h`,
      `${slopes[who].toFixed(2)} MB/h${isLong ? '' : ' (too short to say)'}`,
      !isLong || slopes[who] < HEAP_SLOPE_MAX_MB_PER_H,
    ),
    promise(
      `the ${who} leaks no socket`,
      `${before[who].sockets} before, ${after[who].sockets} after`,
      after[who].sockets <= before[who].sockets + SOCKETS_SLACK,
    ),
    promise(
      `the ${who} leaks no timer`,
      `${before[who].timers} before, ${after[who].timers} after`,
      after[who].timers <= before[who].timers + TIMERS_SLACK,
    ),
    promise(
      `the ${who} leaks no child process`,
      `${before[who].childProcesses} before, ${after[who].childProcesses} after`,
      after[who].childProcesses <= before[who].childProcesses,
    ),
  ]),
]
for (const each of promises) {
  print(`${each.kept ? 'kept  ' : 'BROKEN'} ${each.promise.padEnd(70)} ${each.measured}`)
}
const broken = promises.filter(({ kept }) => !kept).length
const file = resolve(values.json ?? 'bench-results/soak.json')
const figures = {
  plan,
  last,
  strikes,
  before,
  after,
  probes,
  bills,
  slopes,
}
await mkdir(dirname(file), { recursive: true })
await writeFile(
  file,
  `${JSON.stringify({ bench: 'soak', kept: broken === 0, promises, figures }, null, 1)}\n`,
)
const tookS = ((performance.now() - startedAtMs) / 1000).toFixed(0)
const verdict = broken === 0 ? 'kept: every promise' : `BROKEN: ${broken} of ${promises.length}`
// What is left of a connection that was torn must not hold up the verdict.
await Promise.race([endAll(), sleep(END_MAX_MS)])
print(`${verdict} (soak${values.quick ? ' --quick' : ''}, ${tookS} s, ${file})`)
process.exit(broken === 0 ? 0 : 1)

async function endAll(): Promise<void> {
  for (const part of [moving, steady, app, stage]) await part[Symbol.asyncDispose]()
}

function promise(what: string, measured: string, kept: boolean) {
  return { promise: what, measured, kept }
}

function heapSlope(who: 'server' | 'app'): number {
  const warm = probes.filter(({ server }) => server.atMs > (isLong ? WARM_MS : 0))
  const points = warm.map((probe) => ({
    x: probe[who].atMs / 3_600_000,
    y: (probe[who].heapBytes + probe[who].externalBytes) / 1e6,
  }))
  return slopeOf(points)
}

function toLine({ app: one, server }: (typeof probes)[number]): string {
  const of = ({ heapBytes, externalBytes, sockets, timers }: Holding) =>
    `${((heapBytes + externalBytes) / 1e6).toFixed(1).padStart(8)} MB ${String(sockets).padStart(7)} ${String(timers).padStart(6)}`
  return `${(server.atMs / 60_000).toFixed(1).padStart(6)} ${of(server)} ${of(one)}`
}
