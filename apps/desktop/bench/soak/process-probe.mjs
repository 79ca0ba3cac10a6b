// Preloaded into a process that is watched from outside: tells its parent what it holds, after a
// garbage collection, without the program's knowing. JavaScript, so that nothing need come before it.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc')

process.on('message', (message) => {
  if (message?.type !== 'probe') return
  collectGarbage()
  const { heapUsed, external, rss } = process.memoryUsage()
  const resources = {}
  for (const kind of process.getActiveResourcesInfo()) {
    resources[kind] = (resources[kind] ?? 0) + 1
  }
  process.send?.({
    type: 'probed',
    heapBytes: heapUsed,
    externalBytes: external,
    rssBytes: rss,
    resources,
  })
})
// Being watched is no reason to live on.
process.channel?.unref()
