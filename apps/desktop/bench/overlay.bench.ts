// The overlay page over hours of captions: its memory stays flat, and it draws every frame.
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { openOverlay } from './overlay-page.ts'
import { hoursOfCaptions, watchFrames } from './overlay-measures.ts'

/** What a page may have gained after hours, beyond what it had once it was warm. */
const HEAP_GROWTH_MAX_BYTES = 1_000_000
/** Rows, their text, and what React keeps; not one node per word that was ever said. */
const NODES_MAX = 200
/** Frames that words cost, of those that an empty page draws on the same machine. */
const FRAMES_RATIO_MIN = 0.95

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } },
})
const print = (line: string): void => void process.stdout.write(`${line}\n`)

const stage = await openOverlay()
try {
  const seconds = values.quick ? 2 : 20
  const frames = await watchFrames(stage, seconds)
  const memory = await hoursOfCaptions(stage, values.quick ? 0.3 : 3)
  const [first] = memory
  const last = memory.at(-1)
  if (!first || !last) throw new Error('Nothing was measured.')

  print('said                  JS heap     DOM nodes')
  for (const { saidHours, heapBytes, nodes } of memory) {
    const heap = `${(heapBytes / 1e6).toFixed(2)} MB`.padStart(10)
    print(`${saidHours.toFixed(2).padStart(6)} h       ${heap}    ${String(nodes).padStart(8)}`)
  }
  print('\nwords in        frames/s   dropped   empty page')
  for (const { preset, perSecond, droppedShare, emptyPerSecond } of frames) {
    const dropped = `${(100 * droppedShare).toFixed(1)} %`.padStart(9)
    const empty = emptyPerSecond.toFixed(1).padStart(12)
    print(`${preset.padEnd(14)} ${perSecond.toFixed(1).padStart(9)} ${dropped} ${empty}`)
  }
  print('')

  const heapGrowthBytes = last.heapBytes - first.heapBytes
  const nodes = Math.max(...memory.map((each) => each.nodes))
  // The middle one: another program that takes the processor for a moment decides nothing.
  const ratios = frames.map(({ perSecond, emptyPerSecond }) => perSecond / emptyPerSecond)
  const framesRatio = ratios.toSorted((a, b) => a - b)[ratios.length >> 1] ?? 0
  const promises = [
    {
      promise: `the heap grows by less than ${HEAP_GROWTH_MAX_BYTES / 1e6} MB`,
      measured: `${(heapGrowthBytes / 1e6).toFixed(2)} MB in ${last.saidHours.toFixed(1)} h`,
      kept: heapGrowthBytes < HEAP_GROWTH_MAX_BYTES,
    },
    {
      promise: `there are never more than ${NODES_MAX} DOM nodes`,
      measured: `${nodes}`,
      kept: nodes <= NODES_MAX,
    },
    {
      promise: `words leave ${FRAMES_RATIO_MIN} of an empty page's frames (middle preset)`,
      measured: framesRatio.toFixed(3),
      kept: framesRatio >= FRAMES_RATIO_MIN,
    },
  ]
  for (const { promise, measured, kept } of promises) {
    print(`${kept ? 'kept  ' : 'BROKEN'} ${promise.padEnd(56)} ${measured}`)
  }

  const file = resolve(values.json ?? 'bench-results/overlay.json')
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, JSON.stringify({ memory, frames, promises }, null, 1))
  const broken = promises.filter(({ kept }) => !kept).length
  print(broken === 0 ? `kept: every promise (${file})` : `BROKEN: ${broken} of ${promises.length}`)
  process.exitCode = broken === 0 ? 0 : 1
} finally {
  await stage.close()
}
