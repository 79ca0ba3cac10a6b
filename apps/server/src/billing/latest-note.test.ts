import { expect, test, vi } from 'vitest'
import { patient } from '../testing/patient.ts'
import { createLatestNote } from './latest-note.ts'

interface Note {
  readonly a?: number
  readonly b?: number
}

/** A book that is written when the test says so, and tells whether it worked. */
function openBook() {
  const written: Note[] = []
  const finish: ((isUp: boolean) => void)[] = []
  const note = createLatestNote<Note>(async (one) => {
    written.push(one)
    return new Promise<boolean>((resolve) => finish.push(resolve))
  })
  return { written, note, answer: (isUp: boolean) => finish.shift()?.(isUp) }
}

test('of notes that come while one is written, one is written that says what all of them say', async () => {
  const { written, note, answer } = openBook()
  const all = [note.set({ a: 1 }), note.set({ a: 2 }), note.set({ b: 3 }), note.set({ a: 4 })]
  expect(written).toEqual([{ a: 1 }])
  answer(true)
  await vi.waitFor(() => expect(written).toEqual([{ a: 1 }, { a: 4, b: 3 }]), patient)
  answer(true)
  await Promise.all(all)
  expect(written).toHaveLength(2)
})

test('what could not be written is not forgotten: it is tried again, with what came since', async () => {
  const { written, note, answer } = openBook()
  const first = note.set({ a: 1, b: 1 })
  answer(false)
  await first
  expect(written).toHaveLength(1)
  const second = note.set({ b: 2 })
  expect(written.at(-1)).toEqual({ a: 1, b: 2 })
  answer(false)
  await second
  note.retry()
  note.retry()
  expect(written.slice(2)).toEqual([{ a: 1, b: 2 }])
  answer(true)
  await new Promise((resolve) => setImmediate(resolve))
  note.retry()
  expect(written).toHaveLength(3)
})
