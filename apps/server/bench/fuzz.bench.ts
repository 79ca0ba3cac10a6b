// Strangers' nonsense at every place where bytes come in: no crash, no 5xx, no leak, no lost cent.
import { startFakeStripe } from '../src/billing/testing/fake-stripe.ts'
import { serveGoodClient } from '../src/testing/fuzz/good-client.ts'
import { makePurchases } from '../src/testing/fuzz/make-purchases.ts'
import { createRandom } from '../src/testing/fuzz/random.ts'
import type { FuzzTarget, Surface } from '../src/testing/fuzz/surface.ts'
import { surfaces } from '../src/testing/fuzz/surfaces.ts'
import type { Witness } from '../src/testing/fuzz/witness.ts'
import { createWitness, findLeak } from '../src/testing/fuzz/witness.ts'
import { createTestBrowser } from '../src/testing/test-browser.ts'
import { unbalancedUsers } from '../src/testing/unbalanced-users.ts'
import { settleAll } from './accounts-of-run.ts'
import { watchMemory } from './memory.ts'
import type { Promised } from './report.ts'
import { runBench, say } from './report.ts'
import { issueToken, JWT_SECRET } from './server-process.ts'
import type { Stage } from './stage.ts'
import { setStage } from './stage.ts'

const CASES = 100_000
const QUICK_CASES: Readonly<Record<string, number>> = { auth: 300, config: 300 }
const QUICK_CASES_DEFAULT = 1200
/** A heap that grows with what strangers send ends the server long before the run is over. */
const HEAP_MB = 192
/** Of the whole process: the heap, the code, and what hashing and sockets take beside it. */
const RSS_MAX_MB = 640
const CREDIT_MS = 3_600_000
const PASSWORD = 'canary-password-of-the-fuzz-run'
const WEBHOOK_SECRET = 'whsec_canary_of_the_fuzz_run'
/** Signed by Stripe, and not what was offered: the operator must hear of that. */
const REFUSED_PAYMENT = 'PAYMENT NOT CREDITED'
const EXPIRY_MS = 15_000

await runBench('fuzz', async (run) => {
  let log = ''
  const logged = { lines: 0, errors: new Set<string>(), leak: undefined as string | undefined }
  const canaries = [PASSWORD, WEBHOOK_SECRET, JWT_SECRET, 'sk_test_fake']
  const stripe = await startFakeStripe({ webhookSecret: WEBHOOK_SECRET })
  run.atEnd(stripe.close)
  const env = {
    LOG_LEVEL: 'info',
    NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}`,
    TRUST_PROXY: '1',
    SESSIONS_PER_USER: '100',
    STRIPE_SECRET_KEY: stripe.keys.secretKey,
    STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
    STRIPE_API_URL: stripe.url,
    STARTING_CREDIT_MINUTES: '60',
  }
  const stage = await setStage(run, env, [0], readLog)
  canaries.push(stage.deepgram.apiKey, new URL(stage.database.url).password)
  const server = stage.servers[0]
  if (!server) throw new Error('There is no server.')
  const memory = watchMemory(server.pid)
  run.atEnd(async () => memory.stop())
  const target = await prepareTarget(stage, server.url, stripe)

  function readLog(text: string): void {
    const lines = (log + text).split('\n')
    log = lines.pop() ?? ''
    logged.lines += lines.length
    for (const line of lines) {
      logged.leak ??= findLeak(line, canaries)
      if (line.includes(REFUSED_PAYMENT)) continue
      if (/"level":[56]0/.test(line) || !/^(\{|Saywire server on )/.test(line)) {
        logged.errors.add(line.replace(/"time":\d+,/, '').slice(0, 300))
      }
    }
  }

  const parts: {
    surface: Surface
    cases: number
    witness: Witness
    tookS: number
    rssMb: number
  }[] = []
  let served = 0
  for (const surface of surfaces) {
    const quickCases = QUICK_CASES[surface.name] ?? QUICK_CASES_DEFAULT
    const cases = run.cases ?? (run.isQuick ? quickCases : CASES)
    const witness = createWitness(canaries)
    const startedMs = performance.now()
    await surface.run(target, { cases, random: createRandom(run.seed), witness })
    const tookS = (performance.now() - startedMs) / 1000
    const rssMb = await memory.readMb()
    parts.push({ surface, cases, witness, tookS, rssMb })
    say(
      `${surface.name.padEnd(10)} ${cases} cases in ${tookS.toFixed(0)} s, ${rssMb.toFixed(0)} MiB, ${JSON.stringify(witness.counts)}`,
    )
    for (const { what, sent } of witness.problems) say(`  ${what}\n    after ${sent}`)
    // Nothing can be learned of a server that has gone.
    if (!server.isUp) break
    if ((await serveGoodClient(server.url)) === 1000) served += 1
  }
  await settleAll(stage, EXPIRY_MS)
  const wrong = await unbalancedUsers(stage.database)
  for (const line of [...logged.errors].slice(0, 20)) say(`  log: ${line}`)
  return {
    figures: {
      seed: run.seed,
      rssMaxMb: memory.maxMb,
      log: { ...logged, errors: [...logged.errors].slice(0, 100) },
      surfaces: parts.map(({ surface: { name }, witness, ...rest }) => ({
        name,
        ...rest,
        counts: witness.counts,
        problems: witness.problems,
      })),
    },
    promises: [
      ...parts.map(({ surface, cases, witness }): Promised => ({
        promise: `${surface.name}: of ${cases} cases none gets a 5xx, a stack or a secret, or hangs`,
        kept: witness.problemCount === 0,
        measured: `${witness.problemCount} did, ${witness.counts['503'] ?? 0} were told to come again`,
      })),
      {
        promise: 'the server outlives them all, and serves a good client after each surface',
        kept: server.isUp && served === surfaces.length,
        measured: `${served} of ${surfaces.length} served`,
      },
      {
        promise: `it does so with a heap of ${HEAP_MB} MiB, and less than ${RSS_MAX_MB} MiB in all`,
        kept: server.isUp && memory.maxMb < RSS_MAX_MB,
        measured: `${memory.maxMb.toFixed(0)} MiB at most`,
      },
      {
        promise: 'its log has no secret, no stack, and no error that nobody expected',
        kept: logged.leak === undefined && logged.errors.size === 0,
        measured: `${logged.errors.size} kinds of error in ${logged.lines} lines, ${logged.leak ?? 'no leak'}`,
      },
      {
        promise: 'the books balance, and no lease is left',
        kept: wrong.length === 0,
        measured: `${wrong.length} wrong`,
      },
    ],
  }
})

async function prepareTarget(
  stage: Stage,
  url: string,
  stripe: Awaited<ReturnType<typeof startFakeStripe>>,
): Promise<FuzzTarget> {
  // A machine that is busy with all this may take long to connect.
  async function newToken(attempts = 5): Promise<string> {
    try {
      return await issueToken(await stage.database.addUser(CREDIT_MS))
    } catch (error) {
      if (attempts === 1) throw error
      return newToken(attempts - 1)
    }
  }
  await makePurchases(url, await newToken(), stripe)
  const browser = createTestBrowser(url)
  await browser.call('web.register', { email: 'browser@example.org', password: PASSWORD })
  return {
    url,
    newToken: async () => newToken(),
    cookie: browser.cookie(),
    stripe: { secret: WEBHOOK_SECRET, events: stripe.events },
    password: PASSWORD,
  }
}
