import { describe, expect, it } from 'vitest'
import { EventQueue, forEachEvent } from './event-queue.ts'

async function drain<T>(queue: EventQueue<T>): Promise<T[]> {
  const values: T[] = []
  for await (const value of queue) values.push(value)
  return values
}

describe('EventQueue', () => {
  it('gives values in the order they came, whether the reader came first or not', async () => {
    const queue = new EventQueue<number>()
    queue.push(1)
    queue.push(2)
    const reading = drain(queue)
    queue.push(3)
    await Promise.resolve()
    queue.push(4)
    queue.end()
    expect(await reading).toEqual([1, 2, 3, 4])
  })

  it('gives what was there before end(), and nothing that was pushed after it', async () => {
    const queue = new EventQueue<string>()
    queue.push('before')
    queue.end()
    queue.push('after')
    expect(queue.ended).toBe(true)
    expect(await drain(queue)).toEqual(['before'])
    expect(await queue.next()).toEqual({ value: undefined, done: true })
  })

  it('wakes a waiting reader with end()', async () => {
    const queue = new EventQueue<number>()
    const reading = queue.next()
    queue.end()
    expect(await reading).toEqual({ value: undefined, done: true })
  })

  it('drops what was not read once the reader leaves or return() is called', async () => {
    const queue = new EventQueue<number>()
    queue.push(1)
    queue.push(2)
    for await (const value of queue) {
      expect(value).toBe(1)
      break
    }
    queue.push(3)
    expect(await drain(queue)).toEqual([])
  })

  it('passes undefined and false on as values', async () => {
    const queue = new EventQueue<unknown>()
    queue.push(undefined)
    queue.push(false)
    queue.end()
    expect(await drain(queue)).toEqual([undefined, false])
  })
})

describe('forEachEvent', () => {
  it('hands over what was there, then each value as it is pushed, and resolves at the end', async () => {
    const queue = new EventQueue<number>()
    queue.push(1)
    const values: number[] = []
    const reading = forEachEvent(queue, (value) => values.push(value))
    expect(values).toEqual([1])
    queue.push(2)
    expect(values).toEqual([1, 2])
    queue.end()
    await reading
  })

  it('keeps the order where a handler pushes more', () => {
    const queue = new EventQueue<number>()
    const values: number[] = []
    void forEachEvent(queue, (value) => {
      if (value === 1) queue.push(2)
      values.push(value)
    })
    queue.push(1)
    expect(values).toEqual([1, 2])
  })

  it('drops what is left once the handler wants no more', async () => {
    const queue = new EventQueue<number>()
    for (const value of [1, 2, 3]) queue.push(value)
    const values: number[] = []
    await forEachEvent(queue, (value) => {
      values.push(value)
      return value < 2
    })
    queue.push(4)
    expect(values).toEqual([1, 2])
    expect(queue.ended).toBe(true)
  })

  it('rejects with what the handler throws, and spares whoever pushes', async () => {
    const queue = new EventQueue<number>()
    const reading = forEachEvent(queue, () => {
      throw new Error('boom')
    })
    queue.push(1)
    await expect(reading).rejects.toThrow('boom')
  })

  it('reads any other source, too', async () => {
    async function* source() {
      yield 1
      yield 2
    }
    const values: number[] = []
    await forEachEvent(source(), (value) => values.push(value))
    expect(values).toEqual([1, 2])
  })
})
