import { describe, expect, it } from 'vitest'
import { sampleCaptions, speakingTimeMs } from './sample-captions.ts'

const SENTENCES = ['Hello you.', 'Bye, all of you.']

function shown(elapsedMs: number): string[] {
  const { lines, interim } = sampleCaptions(SENTENCES, elapsedMs)
  return [...lines.map(({ text }) => text), ...(interim ? [`[${interim.text}]`] : [])]
}

describe('sampleCaptions', () => {
  it.each([
    [0, ['[Hello]']],
    [320, ['[Hello you]']],
    [640, ['Hello you.']],
    [1539, ['Hello you.']],
    [1540, ['Hello you.', '[Bye]']],
    [1860, ['Hello you.', '[Bye, all]']],
    [speakingTimeMs(SENTENCES), ['Hello you.', 'Bye, all of you.', '[Hello]']],
  ])('after %d ms shows what was said by then', (elapsedMs, expected) => {
    expect(shown(elapsedMs)).toEqual(expected)
  })

  it('keeps a sentence under its id when it becomes final', () => {
    const guess = sampleCaptions(SENTENCES, 320).interim
    expect(sampleCaptions(SENTENCES, 640).lines[0]?.id).toBe(guess?.id)
  })
})
