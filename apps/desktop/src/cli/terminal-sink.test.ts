import { PassThrough } from 'node:stream'
import type { SpeechEvent } from '@saywire/speech'
import { emptyTranscript } from '@saywire/speech'
import { describe, expect, it } from 'vitest'
import { createTerminalSink, formatTime, lastColumns } from './terminal-sink.ts'

const said = (type: 'interim' | 'final', text: string): SpeechEvent =>
  ({
    type,
    text,
    confidence: 1,
    words: [],
    startMs: 1200,
    endMs: 4000,
    ...(type === 'final' ? { speechFinal: true } : {}),
  }) as SpeechEvent

function show(terminal: { isTTY?: boolean; columns?: number }, events: readonly SpeechEvent[]) {
  const stdout = Object.assign(new PassThrough({ encoding: 'utf8' }), terminal)
  const sink = createTerminalSink(stdout)
  for (const event of events) sink.onEvent(event, emptyTranscript)
  return String(stdout.read() ?? '')
}

describe('the terminal', () => {
  it('rewrites the interim in place and replaces it by the final', () => {
    const out = show({ isTTY: true, columns: 40 }, [
      said('interim', 'and so'),
      said('interim', 'and so my'),
      said('final', 'And so, my fellow'),
    ])
    expect(out.split('\n')).toHaveLength(2)
    expect(out.split('\r\x1b[2K')).toHaveLength(3)
    expect(out.split('\r\x1b[2K').at(-1)).toBe('[00:01.2 → 00:04.0] And so, my fellow\n')
  })

  it('gets no interims and no control codes when it is not one', () => {
    expect(show({}, [said('interim', 'and'), said('final', 'And.'), said('final', '')])).toBe(
      '[00:01.2 → 00:04.0] And.\n',
    )
  })

  it('cannot be steered by what was said', () => {
    expect(show({}, [said('final', 'a\x1b[2Jb\nc\r')])).toBe('[00:01.2 → 00:04.0] a [2Jb c\n')
  })

  it('keeps a long interim on its line, also with wide letters', () => {
    expect(lastColumns('one two three', 20)).toBe('one two three')
    expect(lastColumns('one two three', 6)).toBe('…three')
    expect(lastColumns('日本語のテスト', 7)).toBe('…テスト')
    expect(lastColumns('hi 👨‍👩‍👧 there', 9)).toBe('…👨‍👩‍👧 there')
  })

  it('writes times that stay right for hours', () => {
    expect([0, 61_250, 3_600_000].map(formatTime)).toEqual(['00:00.0', '01:01.2', '1:00:00.0'])
  })
})
