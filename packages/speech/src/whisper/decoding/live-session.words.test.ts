import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Word } from '../../speech-event.ts'
import type { Decoded, DecodeOptions, WhisperModel } from '../library/whisper-binding.ts'
import { SESSION_CONFIG } from '../testing/session-config.ts'
import { createSpokenAudio, exactDetector, hearExactly } from '../testing/spoken-audio.ts'
import type { WhisperEvent, WhisperSessionConfig } from '../whisper-messages.ts'
import { createDecodeQueue } from './decode-queue.ts'
import { createLiveSession } from './live-session.ts'
import { saysTwice } from './spoken-words.ts'

const CHUNK_MS = 100
/** No test has so many: what asks for more does not end. */
const MOST_DECODES = 2000

interface Stage {
  readonly config?: Partial<WhisperSessionConfig>
  /** How long a decode takes, ms. Default 0. */
  readonly tookMs?: number
  /** What becomes of what was said. Default: it is heard exactly. */
  readonly hears?: (said: Decoded, options: DecodeOptions) => Decoded
}

/** A session on speech that can be read, and a clock that runs as the audio comes. */
function setUp({ config = {}, tookMs = 0, hears = (said) => said }: Stage = {}) {
  let nowMs = 0
  let running: { dueAtMs: number; finish: (decoded: Decoded | undefined) => void } | undefined
  const decodes: (DecodeOptions & { durationMs: number })[] = []
  const model: WhisperModel = {
    async decode(samples, options) {
      if (decodes.length === MOST_DECODES) throw new Error('it decodes without end')
      decodes.push({ ...options, durationMs: samples.length / 16 })
      return new Promise((resolve) => {
        const finish = (decoded: Decoded | undefined) => {
          running = undefined
          resolve(decoded && hears(decoded, options))
        }
        running = { dueAtMs: nowMs + tookMs, finish: (it) => finish(it && hearExactly(samples)) }
        if (tookMs === 0) running.finish(NOTHING)
      })
    },
    detectLanguage: async () => undefined,
    abort: () => running?.finish(undefined),
    free() {},
  }
  const events: WhisperEvent[] = []
  const session = createLiveSession({
    config: { ...SESSION_CONFIG, ...config },
    threads: 1,
    queue: createDecodeQueue({ model, onFailure: (error) => expect.unreachable(String(error)) }),
    detector: exactDetector(),
    send: (event) => events.push(event),
    progress: () => undefined,
    onPace: () => undefined,
    onUnheard: () => expect.unreachable('speech was given up'),
    now: () => nowMs,
  })
  const audio = createSpokenAudio()
  const settle = async () => new Promise((resolve) => setImmediate(resolve))

  async function tick(): Promise<void> {
    nowMs += CHUNK_MS
    if (running && running.dueAtMs <= nowMs) running.finish(NOTHING)
    await settle()
  }

  async function write(samples: Int16Array): Promise<void> {
    const bytes = new Uint8Array(samples.buffer)
    for (let at = 0; at < bytes.length; at += CHUNK_MS * 32) {
      session.write(bytes.subarray(at, at + CHUNK_MS * 32))
      await tick()
    }
  }

  return {
    said: audio.said,
    decodes,
    events,
    finals: () => events.flatMap((event) => (event.type === 'final' ? [event] : [])),
    interims: () => events.flatMap((event) => (event.type === 'interim' ? [event] : [])),
    say: (words: number) => write(audio.words(words)),
    pause: (ms: number) => write(new Int16Array(ms * 16)),
    async close() {
      let isClosed = false
      const closed = session.close().then(() => (isClosed = true))
      while (!isClosed) await tick()
      await closed
    },
  }
}

/** Stands for whatever is heard. */
const NOTHING: Decoded = { tokens: [], language: undefined }

function textOf(words: readonly Word[]): string {
  return words.map(({ text }) => text).join(' ')
}

describe('the final of an utterance', () => {
  const withoutInterims = { config: { interims: false } }

  it('is decoded at the pause and sent at the endpoint, without another decode', async () => {
    const { say, pause, decodes, finals } = setUp(withoutInterims)
    await say(4)
    await pause(300)
    expect(decodes).toHaveLength(1)
    expect(finals()).toEqual([])
    await pause(300)
    expect(finals()).toMatchObject([{ text: 'apple bridge cloud dragon', speechFinal: true }])
    await pause(2000)
    expect(decodes).toHaveLength(1)
  })

  it('is sent as soon as it is decoded where that takes longer than the endpoint', async () => {
    const { say, pause, decodes, finals } = setUp({ ...withoutInterims, tookMs: 1000 })
    await say(4)
    await pause(800)
    expect(finals()).toEqual([])
    await pause(600)
    expect(finals()).toHaveLength(1)
    expect(decodes).toHaveLength(1)
  })

  it('is decoded anew where speech goes on after the pause, and holds all of it once', async () => {
    const { say, pause, decodes, finals, said } = setUp(withoutInterims)
    await say(4)
    await pause(300)
    await say(3)
    await pause(600)
    expect(decodes).toHaveLength(2)
    expect(finals()).toHaveLength(1)
    expect(finals()[0]?.text).toBe(said.join(' '))
  })

  it('commits the words before a pause, the last one too, although speech goes on', async () => {
    const { say, pause, interims, finals } = setUp()
    await say(4)
    await pause(300)
    expect(interims().at(-1)).toMatchObject({
      text: 'apple bridge cloud dragon',
      committedWords: 4,
    })
    await say(2)
    await pause(600)
    expect(finals()[0]?.text).toBe('apple bridge cloud dragon engine forest')
  })

  it('does not begin the next utterance, although its last word has no length at its very end', async () => {
    const { say, pause, interims, finals } = setUp({
      hears: (decoded, { audioCtx = 0 }) => {
        const last = decoded.tokens.at(-1)
        const atEndMs = audioCtx * 20
        const tokens = decoded.tokens.slice(0, -1)
        return last
          ? { ...decoded, tokens: [...tokens, { ...last, startMs: atEndMs, endMs: atEndMs }] }
          : decoded
      },
    })
    await say(3)
    await pause(1000)
    await say(3)
    await pause(1000)
    expect(finals().map(({ text }) => text)).toEqual(['apple bridge cloud', 'dragon engine forest'])
    expect(interims().at(-1)?.text).toBe('dragon engine forest')
  })

  it('ends with the next short pause where speech is long, and the utterance only at its endpoint', async () => {
    const { say, pause, events, finals, said } = setUp()
    await say(20)
    await pause(300)
    await say(5)
    await pause(1000)
    expect(finals().map(({ speechFinal }) => speechFinal)).toEqual([false, true])
    expect(finals().map(({ words }) => words.length)).toEqual([20, 5])
    expect(finals().flatMap(({ words }) => words.map(({ text }) => text))).toEqual(said)
    expect(events.filter(({ type }) => type === 'speech-started')).toHaveLength(1)
  })
})

describe('the words of a session', () => {
  const speech = fc.record({
    runs: fc.array(
      fc.tuple(
        fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 8, max: 40 })),
        fc.oneof(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 4, max: 20 })),
      ),
      { minLength: 1, maxLength: 6 },
    ),
    tookMs: fc.constantFrom(0, 100, 300, 700, 1500),
    endpointMs: fc.constantFrom(200, 300, 500, 1000, undefined),
  })

  type Speech = typeof speech extends fc.Arbitrary<infer T> ? T : never

  async function run({ runs, tookMs, endpointMs }: Speech, hears?: Stage['hears']) {
    const stage = setUp({ tookMs, config: { endpointMs }, ...(hears && { hears }) })
    for (const [words, chunks] of runs) {
      await stage.say(words)
      await stage.pause(chunks * CHUNK_MS)
    }
    await stage.close()
    return stage
  }

  it('are all in its finals, each once and in order, however it pauses and however slow it is', async () => {
    await fc.assert(
      fc.asyncProperty(speech, async (said) => {
        const stage = await run(said)
        const words = stage.finals().flatMap((final) => final.words)
        expect(textOf(words)).toBe(stage.said.join(' '))
      }),
      { numRuns: 25 },
    )
  })

  it('stay once they are committed, in each later interim and the final', async () => {
    await fc.assert(
      fc.asyncProperty(speech, fc.nat({ max: 9 }), async (said, mistakes) => {
        let decodes = 0
        // Another word each time is misheard, left out or heard as two.
        const mishear = ({ tokens, ...decoded }: Decoded): Decoded => {
          const nth = decodes++
          const heard = tokens.flatMap((token, i) => {
            if ((nth * 3 + i * 7) % 10 >= mistakes) return [token]
            const half = {
              ...token,
              text: token.text.slice(0, 3),
              p: nth % 2 === 0 ? 0.4 : token.p,
            }
            return [[], [half], [half, { ...token, text: ' ed' }]][(nth + i) % 3] ?? []
          })
          return { ...decoded, tokens: heard }
        }
        const { events } = await run(said, mishear)
        const final: string[] = []
        let known: string[] = []
        for (const event of events) {
          if (event.type !== 'interim' && event.type !== 'final') continue
          const words = event.words.map(({ text }) => text)
          // What is cut off by a final is what the next interim begins with.
          if (event.type === 'final') final.push(...words)
          else expect([...final, ...words].slice(0, known.length)).toEqual(known)
          const isFinal = event.type === 'final'
          const now = isFinal ? final : [...final, ...words.slice(0, event.committedWords)]
          expect(now.slice(0, known.length)).toEqual(known.slice(0, now.length))
          if (now.length > known.length) known = [...now]
          if (!isFinal) expect(now.length).toBe(known.length)
        }
      }),
      { numRuns: 25 },
    )
  })

  it('are committed long before the final where speech goes on and on', async () => {
    const { say, interims, finals } = setUp({ tookMs: 100 })
    await say(12)
    expect(finals()).toEqual([])
    expect(interims().at(-1)?.committedWords).toBeGreaterThanOrEqual(8)
  })

  it('are no dearer to guess at the end of a long sentence than in its middle', async () => {
    const { say, decodes } = setUp({ tookMs: 100 })
    await say(30)
    expect(decodes.length).toBeGreaterThan(10)
    for (const { durationMs } of decodes) expect(durationMs).toBeLessThan(5500)
  })
})

describe('a final that says itself again', () => {
  const doubled = (decoded: Decoded): Decoded => {
    const again = decoded.tokens.map((token) => ({ ...token, startMs: 3000, endMs: 3000 }))
    return { ...decoded, tokens: [...decoded.tokens, ...again] }
  }

  it('is decoded once, and does not say what there was no time for', async () => {
    const { say, pause, decodes, finals } = setUp({ config: { interims: false }, hears: doubled })
    await say(3)
    await pause(2000)
    expect(decodes).toHaveLength(1)
    expect(finals().map(({ text }) => text)).toEqual(['apple bridge cloud'])
  })

  it('is not committed twice while it is only a guess, where there was time to say it', async () => {
    const slowly = (decoded: Decoded): Decoded => {
      const again = decoded.tokens.map((token, i) => {
        return { ...token, startMs: 3000 + 300 * i, endMs: 3300 + 300 * i }
      })
      return { ...decoded, tokens: [...decoded.tokens, ...again] }
    }
    const { say, interims } = setUp({ hears: slowly })
    await say(12)
    expect(interims().length).toBeGreaterThan(3)
    for (const { words, committedWords } of interims()) {
      expect(saysTwice(words.slice(0, committedWords))).toBe(false)
    }
  })
})

describe('a final of which the decoder was not sure', () => {
  const unsure = (decoded: Decoded): Decoded => {
    const tokens = decoded.tokens.map(({ text, p, parts, startMs, endMs }) => {
      return { text, p, logp: -0.8 * parts, parts, startMs, endMs }
    })
    return { ...decoded, tokens }
  }

  it('is decoded once more in a wide window, and not more often', async () => {
    const { say, pause, decodes, finals } = setUp({ config: { interims: false }, hears: unsure })
    await say(3)
    await pause(2000)
    expect(decodes.map(({ audioCtx = 0 }) => audioCtx >= 384)).toEqual([false, true])
    expect(finals().map(({ text }) => text)).toEqual(['apple bridge cloud'])
  })

  it('is decoded once where it is so long that its window was wide already', async () => {
    const { say, pause, decodes } = setUp({ config: { interims: false }, hears: unsure })
    await say(18)
    await pause(2000)
    expect(decodes.map(({ audioCtx = 0 }) => audioCtx >= 384)).toEqual([true])
  })

  it('is heard with the words before it, which are not said again', async () => {
    const fewAreUnclear = (decoded: Decoded): Decoded => {
      if (decoded.tokens.length > 2) return decoded
      const tokens = decoded.tokens.map(({ startMs, endMs }) => {
        return { text: ' S', p: 0.3, logp: -0.8, parts: 1, startMs, endMs }
      })
      return { ...decoded, tokens }
    }
    const stage = setUp({ config: { interims: false }, hears: fewAreUnclear })
    const { say, pause, decodes, finals } = stage
    for (const words of [4, 2, 4]) {
      await say(words)
      await pause(1000)
    }
    expect(decodes).toHaveLength(4)
    expect(finals().map(({ text }) => text)).toEqual([
      'apple bridge cloud dragon',
      'engine forest',
      'garden hammer island jungle',
    ])
    const [, { startMs, words } = { startMs: 0, words: [] }] = finals()
    expect(words.every((word) => word.startMs >= startMs)).toBe(true)
  })

  it.each([
    ['unlikely', [{ text: ' Hmm', logp: -1.2 }], 'S', 4],
    ['nothing', [], 'S', 4],
    ['clear', [{ text: ' Forest', logp: -0.1 }], 'Forest', 3],
  ])(
    'is heard alone in a wide window unless something likely is behind them: %s',
    async (_what, behind, heard, most) => {
      let decode = 0
      const hears = (said: Decoded): Decoded => {
        const last = said.tokens.at(-1) as Decoded['tokens'][number]
        switch (decode++) {
          case 0:
            return said
          case 2:
            return {
              ...said,
              tokens: [
                ...said.tokens.slice(0, -1),
                ...behind.map((token) => Object.assign({}, last, token)),
              ],
            }
          default:
            return { ...said, tokens: [{ ...last, text: ' S', logp: -0.8 }] }
        }
      }
      const { say, pause, decodes, finals } = setUp({ config: { interims: false }, hears })
      await say(4)
      await pause(1000)
      await say(1)
      await pause(2000)
      expect(finals()[1]?.text).toBe(heard)
      expect(decodes).toHaveLength(most)
      expect((decodes.at(-1)?.audioCtx ?? 0) >= 384).toBe(most === 4)
    },
  )

  it('is heard alone where nothing was said for long', async () => {
    const { say, pause, decodes } = setUp({ config: { interims: false }, hears: unsure })
    await say(3)
    await pause(4000)
    await say(3)
    await pause(2000)
    expect(decodes.map(({ audioCtx = 0 }) => audioCtx >= 384)).toEqual([false, true, false, true])
    const [, , third, fourth] = decodes
    expect(fourth?.durationMs).toBe(third?.durationMs)
  })
})

describe('a session that listens for the language', () => {
  /** It is in the language that `spoken` names, and heard well only in that. */
  function inLanguage(first: string, p = 0.8) {
    const spoken = { language: first, p }
    const hears = (decoded: Decoded): Decoded => ({
      ...decoded,
      guesses: [{ ...spoken }, { language: 'nl', p: (1 - spoken.p) / 2 }],
    })
    const stage = setUp({ config: { interims: false, language: 'auto' }, hears })
    return { ...stage, spoken, languages: () => stage.decodes.map(({ language }) => language) }
  }

  it('decodes a final again in the language that it turns out to be in, and sends it once', async () => {
    const { say, pause, languages, finals } = inLanguage('de')
    await say(4)
    await pause(1000)
    expect(languages()).toEqual(['en', 'de'])
    expect(finals()).toHaveLength(1)
    await say(4)
    await pause(1000)
    expect(languages()).toEqual(['en', 'de', 'de'])
  })

  it('decodes in another language only from the second utterance on that is in it', async () => {
    const { say, pause, languages, spoken, finals } = inLanguage('en')
    for (const language of ['en', 'de', 'de']) {
      spoken.language = language
      await say(4)
      await pause(1000)
    }
    expect(languages()).toEqual(['en', 'en', 'en', 'de'])
    expect(finals()).toHaveLength(3)
  })

  it('takes an utterance with a pause in it for one, however often it is decoded', async () => {
    const { say, pause, languages, spoken } = inLanguage('en')
    await say(4)
    await pause(1000)
    spoken.language = 'de'
    for (let i = 0; i < 3; i++) {
      await say(3)
      await pause(400)
    }
    await pause(1000)
    expect(languages()).toEqual(['en', 'en', 'en', 'en'])
  })

  it('commits no words at a pause that seem to be in another language than they were heard in', async () => {
    const hears = (decoded: Decoded): Decoded => {
      const seconds = (decoded.tokens.at(-1)?.endMs ?? 0) / 1000
      return { ...decoded, guesses: [{ language: seconds > 4 ? 'de' : 'en', p: 0.8 }] }
    }
    const { say, pause, interims } = setUp({ config: { language: 'auto' }, hears })
    await say(4)
    await pause(1000)
    const before = interims().length
    await say(12)
    await pause(300)
    const committed = interims().slice(before)
    expect(committed.at(-1)?.words).toHaveLength(12)
    expect(committed.at(-1)?.committedWords).toBeLessThan(12)
  })
})
