import { describe, expect, it } from 'vitest'
import type { Decoded, WhisperModel } from '../library/whisper-binding.ts'
import type { DecodeClient, DecodeJob } from './decode-queue.ts'
import { createDecodeQueue } from './decode-queue.ts'

const NOTHING_SAID: Decoded = { tokens: [], language: 'en' }
const nothingDue: DecodeClient = { nextInterim: () => undefined }

/** A model whose decodes end when the test says so; it is told apart by the sample values. */
function steppedModel() {
  const decoded: number[] = []
  const asked: string[] = []
  let finish: ((decoded: Decoded | undefined) => void) | undefined
  const model: WhisperModel = {
    decode(samples, { language }) {
      asked.push(language)
      decoded.push(samples[0] as number)
      return new Promise((resolve) => (finish = resolve))
    },
    detectLanguage: async () => undefined,
    abort: () => finish?.(undefined),
    free() {},
  }
  const step = async () => {
    finish?.(NOTHING_SAID)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { model, decoded, asked, step }
}

function setUp() {
  const stepped = steppedModel()
  const failures: unknown[] = []
  const onFailure = (error: unknown) => failures.push(error)
  const queue = createDecodeQueue({ model: stepped.model, onFailure })
  const done: number[] = []
  const job = (id: number): DecodeJob => ({
    samples: new Float32Array(20_000).fill(id),
    options: { language: 'en', threads: 1 },
    onDone: () => void done.push(id),
  })
  return { ...stepped, queue, done, job, failures }
}

describe('the decode queue', () => {
  it('decodes finals in the order they came, whoever they are from', async () => {
    const { queue, job, step, done } = setUp()
    const other: DecodeClient = { nextInterim: () => undefined }
    queue.final(nothingDue, job(1))
    queue.final(other, job(2))
    queue.final(nothingDue, job(3))
    for (let i = 0; i < 3; i++) await step()
    expect(done).toEqual([1, 2, 3])
  })

  it('aborts an interim for a final, and never shows it', async () => {
    const { queue, job, step, done } = setUp()
    const due = [job(1)]
    const client: DecodeClient = { nextInterim: () => due.shift() }
    queue.add(client)
    queue.wake()
    queue.final(client, job(2))
    await step()
    await step()
    expect(done).toEqual([2])
  })

  it('asks for interims only while no final waits, each session in its turn', async () => {
    const { queue, job, step, decoded } = setUp()
    const endless = (id: number): DecodeClient => ({ nextInterim: () => job(id) })
    queue.add(endless(1))
    queue.add(endless(2))
    queue.final(nothingDue, job(9))
    queue.final(nothingDue, job(8))
    for (let i = 0; i < 5; i++) await step()
    expect(decoded).toEqual([9, 8, 1, 2, 1, 2])
  })

  it('forgets the jobs of a session that left, also the one it is at', async () => {
    const { queue, job, step, done, decoded } = setUp()
    const leaving: DecodeClient = { nextInterim: () => undefined }
    queue.final(leaving, job(1))
    queue.final(leaving, job(2))
    queue.final(nothingDue, job(3))
    queue.remove(leaving)
    await step()
    await step()
    expect(done).toEqual([3])
    expect(decoded).not.toContain(2)
  })

  it('takes back the oldest final of a session, but not the one that it is at', async () => {
    const { queue, job, step, done } = setUp()
    const other: DecodeClient = { nextInterim: () => undefined }
    const jobs = [1, 2, 3, 4].map(job)
    for (const [index, each] of jobs.entries()) queue.final(index === 1 ? other : nothingDue, each)
    expect(queue.dropOldest(nothingDue)).toBe(jobs[2])
    for (let i = 0; i < 4; i++) await step()
    expect(done).toEqual([1, 2, 4])
    expect(queue.dropOldest(nothingDue)).toBeUndefined()
  })

  it('decodes a final again that asks for it, with the options of then, before all others', async () => {
    const { queue, job, step, done, decoded, asked } = setUp()
    const languages = ['en', 'de']
    queue.final(nothingDue, {
      ...job(1),
      get options() {
        return { language: languages[decoded.length] ?? 'none', threads: 1 }
      },
      onDone: () => (decoded.length === 1 ? 'again' : void done.push(1)),
    })
    queue.final(nothingDue, job(2))
    for (let i = 0; i < 3; i++) await step()
    expect(decoded).toEqual([1, 1, 2])
    expect(done).toEqual([1, 2])
    expect(asked.slice(0, 2)).toEqual(['en', 'de'])
  })

  it('never decodes an interim again, and no final of a session that left meanwhile', async () => {
    const { queue, job, step, decoded } = setUp()
    const due: DecodeJob[] = [{ ...job(1), onDone: () => 'again' }]
    const client: DecodeClient = { nextInterim: () => due.shift() }
    queue.add(client)
    queue.wake()
    for (let i = 0; i < 3; i++) await step()
    expect(decoded).toEqual([1])
    queue.final(client, { ...job(2), onDone: () => 'again' })
    queue.remove(client)
    for (let i = 0; i < 3; i++) await step()
    expect(decoded).toEqual([1, 2])
  })

  it('takes back a final that has not begun, and lets go on what has', async () => {
    const { queue, job, step, done } = setUp()
    const [first, second, third] = [job(1), job(2), job(3)]
    for (const each of [first, second, third]) queue.final(nothingDue, each)
    queue.cancel(first)
    queue.cancel(second)
    for (let i = 0; i < 3; i++) await step()
    expect(done).toEqual([1, 3])
  })

  it('reports a failure of the library once, and decodes nothing after it', async () => {
    const { queue, job, failures, model } = setUp()
    model.decode = () => Promise.reject(new Error('out of memory'))
    queue.final(nothingDue, job(1))
    queue.final(nothingDue, job(2))
    await expect.poll(() => failures.length).toBe(1)
  })
})
