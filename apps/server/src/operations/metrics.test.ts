import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { metricsTableMarkdown } from './metric-catalogue.ts'
import { createMetrics } from './metrics.ts'
import { createPrometheusText } from './prometheus.ts'

async function publish(metrics: ReturnType<typeof createMetrics>): Promise<string[]> {
  return (await createPrometheusText(metrics).write()).split('\n')
}

test('what is counted is published, in the units that its name says', async () => {
  const metrics = createMetrics()
  const add = metrics.adder('saywire_audio_received_seconds_total')
  add(32_000)
  add(16_000)
  metrics.count('saywire_sessions_ended_total', { reason: 'stopped' }, 2)
  metrics.count('saywire_sessions_ended_total', { reason: 'idle' })
  metrics.watch('saywire_leases', () => 7)
  const lines = await publish(metrics)
  expect(lines).toEqual(
    expect.arrayContaining([
      'saywire_audio_received_seconds_total 1.5',
      'saywire_sessions_ended_total{reason="stopped"} 2',
      'saywire_sessions_ended_total{reason="idle"} 1',
      'saywire_leases 7',
      // Never counted, and yet there: an alert on it must not find nothing.
      'saywire_heartbeat_failures_total 0',
    ]),
  )
  expect(lines.some((line) => line.startsWith('nodejs_eventloop_lag_p99_seconds '))).toBe(true)
  expect(lines.some((line) => line.startsWith('process_cpu_seconds_total '))).toBe(true)
})

test('a histogram is published cumulated, a value on a bound below it, in seconds', async () => {
  const metrics = createMetrics()
  const observe = metrics.observer('saywire_heartbeat_seconds')
  for (const ms of [1, 2, 2.5, 9999, 20_000]) observe(ms)
  metrics.observe('saywire_call_seconds', 3, { procedure: 'account.me' })
  const lines = await publish(metrics)
  expect(lines).toEqual(
    expect.arrayContaining([
      '# TYPE saywire_heartbeat_seconds histogram',
      'saywire_heartbeat_seconds_bucket{le="0.001"} 1',
      'saywire_heartbeat_seconds_bucket{le="0.0025"} 3',
      'saywire_heartbeat_seconds_bucket{le="10"} 4',
      'saywire_heartbeat_seconds_bucket{le="+Inf"} 5',
      'saywire_heartbeat_seconds_sum 30.0045',
      'saywire_heartbeat_seconds_count 5',
      'saywire_call_seconds_bucket{procedure="account.me",le="0.005"} 1',
    ]),
  )
})

test('nothing is counted twice, however often it is read', async () => {
  const metrics = createMetrics()
  metrics.count('saywire_sessions_parked_total')
  const text = createPrometheusText(metrics)
  await text.write()
  expect(await text.write()).toContain('\nsaywire_sessions_parked_total 1\n')
})

test('the way of the audio allocates nothing: a quarter of a million frames leave no rubbish', () => {
  const metrics = createMetrics()
  const add = metrics.adder('saywire_audio_forwarded_seconds_total')
  const observe = metrics.observer('saywire_frame_forward_seconds')
  const frames = 250_000
  const countAllocated = (): number => {
    const before = process.memoryUsage().heapUsed
    for (let i = 0; i < frames; i += 1) {
      add(2 ** 33 + i)
      observe(i % 50)
    }
    return process.memoryUsage().heapUsed - before
  }
  for (let i = 0; i < 5; i += 1) countAllocated()
  // The median, because what else is collected meanwhile disturbs single rounds.
  const rounds = Array.from({ length: 9 }, countAllocated).toSorted((a, b) => a - b)
  // One number on the heap for each frame would be 4 MB.
  expect(rounds[4]).toBeLessThan(frames)
})

test('the README’s table is the one that the code makes', async () => {
  const readme = await readFile(new URL('README.md', import.meta.url), 'utf8')
  const table = /<!-- metrics:start -->\n([^]*?)\n<!-- metrics:end -->/.exec(readme)?.[1]
  expect(table).toBe(metricsTableMarkdown())
})
