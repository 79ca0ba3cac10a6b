import { describe, expect, it } from 'vitest'
import { EventQueue } from './event-queue.ts'

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
