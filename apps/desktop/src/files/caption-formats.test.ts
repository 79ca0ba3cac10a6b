import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Caption } from './caption.ts'
import { captionInRecording } from './caption.ts'
import { parseCaptionDocument } from './caption-document.ts'
import { renderTranscript } from './caption-formats.ts'
import { captionFileName, safeTitle } from './file-names.ts'
import { finalOf } from './testing/final-of.ts'
import { parseSrt, parseVtt } from './testing/parse-subtitles.ts'

const facts = {
  title: 'My "stream"',
  startedAt: new Date('2026-11-21T20:15:03.120Z'),
  engine: 'whisper base.en',
  language: 'en',
  files: [],
}
const captions = [finalOf('Hello there.', 900, 600), finalOf('A --> B & <b>C</b>', 3_723_400, 500)]
const render = (format: 'txt' | 'srt' | 'vtt' | 'json', timestamps = false) =>
  renderTranscript(captions, format, facts, { timestamps })

describe('renderTranscript', () => {
  it('writes text, with times where they are wanted', () => {
    expect(render('txt')).toBe('Hello there.\nA --> B & <b>C</b>\n')
    expect(render('txt', true)).toBe('[00:00:00] Hello there.\n[01:02:03] A --> B & <b>C</b>\n')
  })

  it('writes SubRip in which no text reads as a time', () => {
    expect(render('srt')).toBe(
      '1\n00:00:00,900 --> 00:00:02,100\nHello there.\n\n' +
        '2\n01:02:03,400 --> 01:02:05,900\nA → B & <b>C</b>\n\n',
    )
  })

  it('writes WebVTT with its escapes', () => {
    expect(render('vtt')).toBe(
      'WEBVTT\n\n00:00:00.900 --> 00:00:02.100\nHello there.\n\n' +
        '01:02:03.400 --> 01:02:05.900\nA --&gt; B &amp; &lt;b&gt;C&lt;/b&gt;\n\n',
    )
  })

  it('writes a JSON document that reads back as it was', () => {
    expect(JSON.parse(render('json'))).toMatchObject({
      title: 'My "stream"',
      started_at: '2026-11-21T20:15:03.120Z',
      captions: [{ start_ms: 900, end_ms: 2100, words: [{ text: 'Hello' }, {}] }, {}],
    })
    const read = parseCaptionDocument(render('json'))
    expect(read).toMatchObject(facts)
    expect(read?.captions).toEqual(
      captions.map(({ text, startMs, endMs, words }) => ({ text, startMs, endMs, words })),
    )
  })

  it('reads all that was said, also with a number that is none', () => {
    const odd = [
      { ...finalOf('Before zero.', 0, 100), startMs: -20, endMs: -1 },
      { text: 'Never.', startMs: 0, endMs: Number.NaN, words: [] },
      finalOf('Good.', 500, 100),
    ]
    const read = parseCaptionDocument(renderTranscript(odd, 'json', facts, { timestamps: false }))
    expect(read?.captions.map(({ text }) => text)).toEqual(['Before zero.', 'Never.', 'Good.'])
  })

  it('stays readable whatever is said', { timeout: 60_000 }, () => {
    const text = fc.string({ unit: 'binary', minLength: 1 })
    const said = (cues: { lines: readonly string[] }[]) =>
      cues
        .flatMap(({ lines }) => lines)
        .join('')
        .replace(/\s/g, '')
    fc.assert(
      fc.property(fc.array(text), (texts) => {
        const captions = texts.map((text, index): Caption => {
          return { text, words: [], startMs: index * 5000, endMs: index * 5000 + 4000 }
        })
        const all = (format: 'srt' | 'vtt' | 'json') =>
          renderTranscript(captions, format, facts, { timestamps: true })
        const plain = texts.join('').replace(/[\s\p{Cc}]/gu, '')
        expect(said(parseSrt(all('srt')))).toBe(plain.replaceAll('-->', '→'))
        expect(said(parseVtt(all('vtt')))).toBe(plain)
        expect(parseCaptionDocument(all('json'))?.captions).toEqual(captions)
      }),
    )
  })

  it('reads a document up to the place where a power failure tore it, and no other file', () => {
    const whole = render('json')
    for (let length = whole.indexOf('A -->'); length < whole.length - 4; length += 7) {
      const count = length >= whole.lastIndexOf('\n]}') ? 2 : 1
      expect(parseCaptionDocument(whole.slice(0, length))?.captions).toHaveLength(count)
    }
    for (const other of ['', '{}', 'notes', '[1,2]', '{"format":"saywire-captions"}']) {
      expect(parseCaptionDocument(other)).toBeUndefined()
    }
  })
})

describe('captionInRecording', () => {
  const caption = finalOf('one two three four', 10_000, 1000)
  it.each([
    ['all of it', { startMs: 4000 }, { text: 'one two three four', startMs: 6000, endMs: 10_000 }],
    ['its end', { startMs: 11_800 }, { text: 'three four', startMs: 200, endMs: 2200 }],
    ['its beginning', { startMs: 0, endMs: 11_900 }, { text: 'one two', startMs: 10_000 }],
    ['a word that was cut', { startMs: 10_400 }, { text: 'one two three four', startMs: 0 }],
    ['nothing before', { startMs: 15_000 }, undefined],
    ['nothing after', { startMs: 0, endMs: 9000 }, undefined],
  ])('takes %s', (_what, span, expected) => {
    const inside = captionInRecording(caption, span)
    if (!expected) expect(inside).toBeUndefined()
    else {
      expect(inside).toMatchObject(expected)
      expect(inside?.words.map((word) => word.text).join(' ')).toBe(expected.text)
    }
  })
})

describe('captionFileName', () => {
  const evening = new Date(2026, 10, 21, 20, 5)
  it.each([
    ['a title', 'My stream', '2026-11-21 20-05 My stream'],
    ['none', '', '2026-11-21 20-05'],
    ['a path', '../../etc/passwd', '2026-11-21 20-05 etc passwd'],
    ['what Windows refuses', 'a<b>c:d"e|f?g*h\\i. ', '2026-11-21 20-05 a b c d e f g h i'],
    ['control characters', 'a\n\0b', '2026-11-21 20-05 a b'],
    ['a turned direction', 'a\u202Egpj.exe', '2026-11-21 20-05 a gpj.exe'],
    ['other alphabets', 'Zoë 字幕 🎮', '2026-11-21 20-05 Zoë 字幕 🎮'],
  ])('makes a name of %s that every system takes', (_what, title, name) => {
    expect(captionFileName(evening, title)).toBe(name)
  })

  it('is short enough for every file system, and ends with a whole character', () => {
    const family = '👨‍👩‍👧‍👦'
    expect(Buffer.byteLength(safeTitle(family.repeat(100)))).toBeLessThanOrEqual(150)
    expect(safeTitle(family.repeat(100)).replaceAll(family, '')).toBe('')
  })
})
