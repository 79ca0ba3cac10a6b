import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** Where the parts of a measurement run, so that what is measured has a core of its own. */
export interface Cores {
  /** What stands before the program that is measured. */
  readonly measured: readonly string[]
  /** For people. */
  readonly description: string
}

/**
 * Moves this process, and with it every process that it starts, to core 1; what is measured is
 * started on core 0. Without `taskset`, or with one core, everything runs everywhere.
 */
export function divideCores(): Cores {
  if (availableParallelism() < 2) {
    return { measured: [], description: 'one core for everything: latencies are those of a crowd' }
  }
  try {
    execFileSync('taskset', ['-a', '-c', '-p', '1', String(process.pid)], { stdio: 'ignore' })
  } catch {
    return { measured: [], description: 'no taskset here: the processes share all cores' }
  }
  return {
    measured: ['taskset', '-c', '0'],
    description:
      'the proxy under test on core 0; generator, fake Deepgram and PostgreSQL share core 1',
  }
}
