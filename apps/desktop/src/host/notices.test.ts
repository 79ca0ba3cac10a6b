import { expect, it, vi } from 'vitest'
import type { NoticeView } from '../api/desktop-state.ts'
import { createNotices } from './notices.ts'

function setUp() {
  let shown: readonly NoticeView[] = []
  const notices = createNotices({ publish: (list) => (shown = list), now: () => 0 })
  return { notices, sentences: () => shown.map(({ sentence }) => sentence) }
}

it('says only what holds of a topic, and leaves all else alone', () => {
  const { notices, sentences } = setUp()
  notices.add('warning', 'The microphone Desk is gone.', 'microphone')
  notices.add('error', 'The disk is full.')
  notices.add('warning', 'The microphone Headset is captured.', 'microphone')
  expect(sentences()).toEqual(['The disk is full.', 'The microphone Headset is captured.'])
})

it('does not say the same twice', () => {
  const { notices, sentences } = setUp()
  notices.add('warning', 'One.')
  notices.add('warning', 'Two.')
  notices.add('warning', 'One.')
  expect(sentences()).toEqual(['Two.', 'One.'])
})

it('lets go of what mattered for a moment, and of nothing else', () => {
  vi.useFakeTimers()
  const { notices, sentences } = setUp()
  notices.add('warning', 'The disk is full.')
  notices.brief('Language: German.', 'language')
  vi.advanceTimersByTime(5000)
  notices.brief('Language: English.', 'language')
  expect(sentences()).toEqual(['The disk is full.', 'Language: English.'])
  vi.advanceTimersByTime(5000)
  expect(sentences()).toEqual(['The disk is full.', 'Language: English.'])
  vi.advanceTimersByTime(5000)
  expect(sentences()).toEqual(['The disk is full.'])
  vi.useRealTimers()
})
