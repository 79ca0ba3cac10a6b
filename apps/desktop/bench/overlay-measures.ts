import { setTimeout as sleep } from 'node:timers/promises'
import { final, interim } from '../src/overlay/testing/speak.ts'
import type { OverlayStage } from './overlay-page.ts'

/** Guesses per second of a fast engine. */
const INTERIMS_PER_S = 8
const WARM_MS = 1000
const WORDS =
  'so we are going to try that again with a little more patience and see where it leads us now'.split(
    ' ',
  )
const SENTENCES_PER_HOUR = (3600 * INTERIMS_PER_S) / (WORDS.length + 1)

export interface Memory {
  readonly saidHours: number
  readonly heapBytes: number
  readonly nodes: number
}

/** Says hours of captions as fast as the page shows them, and measures from start to end. */
export async function hoursOfCaptions(stage: OverlayStage, hours: number): Promise<Memory[]> {
  await stage.show('outline')
  const measured: Memory[] = []
  const parts = 4
  let sentence = 0
  for (let part = 0; part <= parts; part += 1) {
    // Warm first: what is compiled and cached once is no leak.
    const until = part === 0 ? 100 : Math.round((SENTENCES_PER_HOUR * hours * part) / parts)
    for (; sentence < until; sentence += 1) await saySentence(stage, sentence)
    measured.push(await measureMemory(stage, sentence / SENTENCES_PER_HOUR))
  }
  return measured
}

async function saySentence(stage: OverlayStage, sentence: number): Promise<void> {
  // The transcript is copied with each final: not what is measured here.
  if (sentence % 50 === 0) stage.sayAnew()
  const startMs = (sentence % 50) * 10_000
  for (let heard = 1; heard <= WORDS.length; heard += 1) {
    stage.say(interim(`${sentence} ${WORDS.slice(0, heard).join(' ')}`, startMs + heard * 125))
    // Lets each guess out as an event of its own.
    await new Promise((resolve) => setImmediate(resolve))
  }
  const text = `${sentence} ${WORDS.join(' ')}.`
  stage.say(final(text, startMs + 9000))
  if (sentence % 10 === 0) await stage.shows(text)
}

async function measureMemory({ devtools }: OverlayStage, saidHours: number): Promise<Memory> {
  await sleep(1200)
  for (let round = 0; round < 2; round += 1) await devtools.send('HeapProfiler.collectGarbage')
  const { usedSize } = await devtools.send('Runtime.getHeapUsage')
  const { nodes } = await devtools.send('Memory.getDOMCounters')
  return { saidHours, heapBytes: usedSize, nodes }
}

export interface Frames {
  /** Of a preset in which words stream. */
  readonly preset: string
  readonly perSecond: number
  /** Of the frames that a 60 Hz screen would have shown. */
  readonly droppedShare: number
  /** On an empty page, just before and just after. */
  readonly emptyPerSecond: number
}

/** Counts animation frames while words stream in, and on an empty page before and after. */
export async function watchFrames(stage: OverlayStage, seconds: number): Promise<Frames[]> {
  const measured: Frames[] = []
  let before = await countFrames(stage, 'empty', seconds)
  for (const preset of ['outline', 'broadcast', 'neon', 'bold-pop', 'lower-third']) {
    const perSecond = await countFrames(stage, preset, seconds)
    const after = await countFrames(stage, 'empty', seconds)
    const droppedShare = Math.max(0, 1 - perSecond / 60)
    measured.push({ preset, perSecond, droppedShare, emptyPerSecond: (before + after) / 2 })
    before = after
  }
  return measured
}

/** Frames per second. */
async function countFrames(stage: OverlayStage, page: string, seconds: number): Promise<number> {
  await stage.show(page)
  stage.sayAnew()
  const speaking = new AbortController()
  if (page !== 'empty') void streamWords(stage, speaking.signal)
  // What a page costs once, when it is opened, is no frame lost to words.
  await sleep(page === 'empty' ? 300 : WARM_MS)
  const perSecond = await stage.page.evaluate<number>(`new Promise((resolve) => {
    const times = []
    const onFrame = (time) => {
      times.push(time)
      const lastedMs = time - times[0]
      if (lastedMs < ${seconds * 1000}) requestAnimationFrame(onFrame)
      else resolve((1000 * (times.length - 1)) / lastedMs)
    }
    requestAnimationFrame(onFrame)
  })`)
  speaking.abort()
  return perSecond
}

async function streamWords(stage: OverlayStage, signal: AbortSignal): Promise<void> {
  for (let count = 0; !signal.aborted; count += 1) {
    const heard = (count % WORDS.length) + 1
    const text = WORDS.slice(0, heard).join(' ')
    const endMs = (count + 1) * 125
    stage.say(heard === WORDS.length ? final(text, endMs) : interim(text, endMs))
    await sleep(1000 / INTERIMS_PER_S)
  }
}
