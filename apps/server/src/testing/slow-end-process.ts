// A program whose end takes as long as it is told, and that says which of its steps it has reached.
import { setTimeout as sleep } from 'node:timers/promises'
import { runUntilEnd } from '../process-end.ts'

const [endTakesMs = 0, deadlineMs = 60_000] = process.argv.slice(2).map(Number)
await runUntilEnd(async ({ atEnd }) => {
  const open = setInterval(() => undefined, 1000)
  atEnd(async () => {
    process.send?.('ending')
    await sleep(endTakesMs)
    clearInterval(open)
  })
  process.send?.('running')
}, deadlineMs)
