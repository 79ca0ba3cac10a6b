import type { HttpSeed } from './http-requests.ts'
import { mutateJson } from './mutate-json.ts'
import type { Random } from './random.ts'
import { runHttp } from './rest-surface.ts'
import type { FuzzTarget, Surface } from './surface.ts'
import { trpcCalls } from './trpc-calls.ts'

/** The same procedures over tRPC's own HTTP: inputs in the address, batches, answers in a stream. */
export const trpcHttpSurface: Surface = {
  name: 'trpc-http',
  async run(target, options) {
    // Inputs in an address are mutated here: to the request they are a mere text.
    const seeds = Array.from({ length: 400 }, () => toSeed(target, options.random))
    await runHttp(target, options, seeds)
  },
}

function toSeed(target: FuzzTarget, random: Random): HttpSeed {
  const calls = trpcCalls(target.password)
  const call = random.pick(calls)
  const stream = random.chance(0.15) ? ['trpc-accept: application/jsonl'] : []
  if (call.method === 'query') {
    const input = random.chance(0.7)
      ? mutateJson(random, call.input).toString('latin1').slice(0, 2000)
      : JSON.stringify(call.input)
    const query = { input: encodeURIComponent(input) }
    return { method: 'GET', path: `/trpc/${call.path}`, query, headers: stream }
  }
  if (random.chance(0.3)) {
    const batch = Array.from({ length: 1 + random.int(4) }, () => random.pick(calls))
    const path = `/trpc/${batch.map((each) => each.path).join(',')}`
    const body = Object.fromEntries(batch.map((each, i) => [i, each.input ?? {}]))
    return { method: 'POST', path, query: { batch: '1' }, body, headers: stream }
  }
  return { method: 'POST', path: `/trpc/${call.path}`, body: call.input ?? {}, headers: stream }
}
