import { availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os'

/** Where something was measured: as much as figures of two machines need to be compared. */
export function describeMachine() {
  return {
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Number((totalmem() / 1e9).toFixed(1)),
    system: `${platform()} ${release()}`,
    node: process.version,
    /** Of the last minute; above 0.3 or so latencies say little. */
    loadBefore: loadavg()[0] ?? 0,
  }
}
