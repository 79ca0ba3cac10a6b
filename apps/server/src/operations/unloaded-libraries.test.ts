import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

/** Imports what main.ts does, then what the settings would load, and lists what that was. */
const PROGRAM = `
  import { createRequire } from 'node:module'
  const list = () => Object.keys(createRequire(import.meta.url).cache)
    .filter((path) => /opentelemetry|prom-client/.test(path)).length
  await import('./src/app.ts')
  const { startTracing } = await import('./src/operations/tracing.ts')
  await startTracing(undefined)
  const before = list()
  await import('./src/operations/otlp-tracing.ts')
  await import('./src/operations/prometheus.ts')
  console.log(JSON.stringify([before, list()]))
`

test('without settings that want them, the libraries of metrics and traces are not loaded', async () => {
  const args = ['--import', 'tsx', '--input-type=module', '--eval', PROGRAM]
  const cwd = new URL('../..', import.meta.url)
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd })
  const [before, after] = JSON.parse(stdout) as [number, number]
  expect(before).toBe(0)
  // They would have been seen.
  expect(after).toBeGreaterThan(10)
})
