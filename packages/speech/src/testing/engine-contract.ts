import { setTimeout as sleep } from 'node:timers/promises'
import type { TranscribeConfig } from '@saywire/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytesToMs, msToBytes } from '../pcm.ts'
import type { SpeechEngine } from '../speech-engine.ts'
import type { FinalEvent, SpeechEvent } from '../speech-event.ts'
import { emptyTranscript, reduceTranscript } from '../transcript.ts'
import type { Run } from './engine-contract-run.ts'
import { feed, listen, run, summarise } from './engine-contract-run.ts'

export interface EngineUnderTest {
  readonly engine: SpeechEngine
  /** Sessions that the backend still holds. Where it is given, ended sessions must leave none. */
  readonly openSessions?: () => number
  /** Frees what createEngine() started. */
  readonly dispose?: () => Promise<void>
}

export interface EngineContractOptions {
  readonly createEngine: () => Promise<EngineUnderTest>
  /**
   * PCM s16le, 16 kHz, mono, of a few seconds (the suite plays it about eight times), with at
   * least one word in its first half and one near its end.
   */
  readonly speech: Uint8Array
  readonly config?: TranscribeConfig
  /** The same audio always gives the same events, however it is cut. Default false. */
  readonly deterministic?: boolean
  /** Sessions that the engine allows at a time. Default: at least 2. */
  readonly maxSessions?: number
  /** For each test, ms. Default 30,000. */
  readonly timeoutMs?: number
}

/** Sizes that fit neither a frame nor a message; even, as `write()` asks. */
const ODD_CHUNKS = [2, 642, 3198, 10, 9602, 1000]
/** Cut off the speech, so that it ends within a frame, a message and a millisecond. */
const LAST_BYTES = 642
const START_MS = 3_600_000

/** What every SpeechEngine promises (see speech-engine.ts and speech-event.ts), as tests. */
export function describeEngineContract(name: string, options: EngineContractOptions): void {
  const { config = {}, deterministic = false, timeoutMs = 30_000 } = options
  const speech = options.speech.subarray(0, -LAST_BYTES)
  const speechMs = bytesToMs(speech.byteLength)
  const never = new AbortController().signal

  describe(`${name} keeps the speech engine contract`, { timeout: timeoutMs }, () => {
    let under: EngineUnderTest
    let engine: SpeechEngine
    /** The whole of the speech, played once; several tests look at it. */
    let whole: Run

    beforeAll(async () => {
      under = await options.createEngine()
      engine = under.engine
      whole = await run(engine, speech, { config })
    }, 2 * timeoutMs)

    afterAll(async () => {
      await engine?.dispose?.()
      await under?.dispose?.()
    }, timeoutMs)

    /** Nothing of a session may be left once it has ended. */
    async function expectReleased(): Promise<void> {
      await expect.poll(() => under.openSessions?.() ?? 0, { timeout: timeoutMs }).toBe(0)
    }

    it('turns speech into words, without an error', () => {
      expect(whole.events.filter((event) => event.type === 'error')).toEqual([])
      expect(whole.text).not.toBe('')
      expect(whole.finals.flatMap((final) => final.words).length).toBeGreaterThan(0)
    })

    it('names what transcribes', async () => {
      const session = await engine.open({ config }, never)
      expect(session.backend).toMatch(/\S/)
      await session.close()
    })

    it('gives finals in order, without overlap, inside the audio', () => {
      expect(misplacedFinals(whole, 0, speechMs)).toEqual([])
    })

    it('gives words in order, inside their result, with a confidence of 0 to 1', () => {
      for (const result of [...whole.finals, ...whole.interims]) {
        expect(result.confidence).toBeGreaterThanOrEqual(0)
        expect(result.confidence).toBeLessThanOrEqual(1)
        let atMs = result.startMs
        for (const word of result.words) {
          expect(word.text).not.toBe('')
          expect(word.startMs).toBeGreaterThanOrEqual(atMs)
          expect(word.endMs).toBeGreaterThanOrEqual(word.startMs)
          expect(word.endMs).toBeLessThanOrEqual(result.endMs)
          expect(word.confidence).toBeGreaterThanOrEqual(0)
          expect(word.confidence).toBeLessThanOrEqual(1)
          atMs = word.startMs
        }
      }
    })

    it('never goes back behind a final with an interim', () => {
      let horizonMs = 0
      const stale = whole.events.filter((event) => {
        if (event.type === 'final') horizonMs = event.endMs
        return event.type === 'interim' && event.startMs < horizonMs
      })
      expect(stale).toEqual([])
    })

    it('leaves a transcript of all its finals and no interim', () => {
      const state = whole.events.reduce(reduceTranscript, emptyTranscript)
      expect(state.finals).toEqual(whole.finals.filter((final) => final.text !== ''))
      expect(state.interim).toBeUndefined()
    })

    it('counts usage that never decreases and ends at exactly what was written', () => {
      let audioMs = 0
      for (const event of whole.events) {
        if (event.type !== 'usage') continue
        expect(event.audioMs).toBeGreaterThanOrEqual(audioMs)
        audioMs = event.audioMs
      }
      expect(audioMs).toBe(speechMs)
    })

    it('puts all times on the capture clock where the session starts late', async () => {
      const late = await run(engine, speech, { config, startMs: START_MS })
      expect(late.text).not.toBe('')
      expect(misplacedFinals(late, START_MS, START_MS + speechMs)).toEqual([])
      for (const atMs of late.events.flatMap(momentsOf)) {
        expect(atMs).toBeGreaterThanOrEqual(START_MS)
        expect(atMs).toBeLessThanOrEqual(START_MS + speechMs)
      }
      expect(late.usedMs).toBe(speechMs)
      expect(deterministic ? late.text : whole.text).toBe(whole.text)
    })

    it('gives the final of what was said at finalize(), without a pause or close()', async () => {
      const lastWordMs = whole.finals.flatMap((final) => final.words).at(-1)?.endMs ?? 0
      const session = await engine.open({ config }, never)
      const listener = listen(session)
      await feed(session, speech)
      session.finalize()
      // Half a second of grace: an engine may place the last word a little differently.
      await expect
        .poll(() => summarise(listener.events).finals.at(-1)?.endMs ?? 0, { timeout: timeoutMs })
        .toBeGreaterThan(lastWordMs - 500)
      expect(listener.ended).toBe(false)
      await session.close()
    })

    it('flushes the words of unfinished speech at close(), then ends its events', async () => {
      const half = speech.subarray(0, msToBytes(speechMs / 2))
      const session = await engine.open({ config }, never)
      const listener = listen(session)
      await feed(session, half)
      await session.close()
      await listener.end
      const { text, usedMs } = summarise(listener.events)
      expect(text).not.toBe('')
      expect(usedMs).toBe(bytesToMs(half.byteLength))
      await expectReleased()
    })

    it('closes once, however often it is asked, and ignores what comes after', async () => {
      const session = await engine.open({ config }, never)
      const listener = listen(session)
      session.write(new Uint8Array(msToBytes(200)))
      const closing = [session.close(), session.close()]
      session.write(new Uint8Array(msToBytes(1000)))
      session.finalize()
      await Promise.all(closing)
      await listener.end
      session.write(new Uint8Array(msToBytes(1000)))
      session.finalize()
      await session.close()
      expect(summarise(listener.events).usedMs).toBe(200)
      expect(session.bufferedMs).toBe(0)
    })

    it('ends its events at once on abort: no finals, no error', async () => {
      const controller = new AbortController()
      const session = await engine.open({ config }, controller.signal)
      const listener = listen(session)
      session.write(speech.slice())
      const before = listener.events.length
      controller.abort()
      await listener.end
      const after = listener.events.slice(before).map((event) => event.type)
      expect(after).not.toContain('final')
      expect(after).not.toContain('error')
      session.write(new Uint8Array(640))
      session.finalize()
      await session.close()
      await expectReleased()
    })

    it('drops what was not read yet on abort', async () => {
      const controller = new AbortController()
      const session = await engine.open({ config }, controller.signal)
      await feed(session, speech)
      session.finalize()
      // Whatever comes meanwhile waits for its reader.
      await sleep(500)
      controller.abort()
      const listener = listen(session)
      await listener.end
      expect(listener.events).toEqual([])
      await expectReleased()
    })

    it('rejects an open that is aborted, before or meanwhile, and keeps nothing', async () => {
      await expect(engine.open({ config }, AbortSignal.abort())).rejects.toBeInstanceOf(Error)
      const controller = new AbortController()
      const opening = engine.open({ config }, controller.signal)
      controller.abort()
      await expect(opening).rejects.toBeInstanceOf(Error)
      await expectReleased()
    })

    it('says nothing about no audio', async () => {
      const { events, usedMs } = await run(engine, new Uint8Array(0), { config })
      expect(events.filter((event) => event.type !== 'usage')).toEqual([])
      expect(usedMs).toBe(0)
    })

    it('hears no words in silence', async () => {
      const { text, interims } = await run(engine, new Uint8Array(msToBytes(3000)), { config })
      expect(text).toBe('')
      expect(interims.map((interim) => interim.text).filter((text) => text !== '')).toEqual([])
    })

    it.skipIf(!deterministic)(
      `hears the same however the audio is cut${deterministic ? '' : ' (skipped: not deterministic)'}`,
      async () => {
        const odd = await run(engine, speech, { config, chunkBytes: ODD_CHUNKS })
        expect(odd.finals.map(saidWhen)).toEqual(whole.finals.map(saidWhen))
        expect(odd.usedMs).toBe(whole.usedMs)
      },
    )

    const single = options.maxSessions === 1
    it.skipIf(single)(
      `does not mix two sessions${single ? ' (skipped: one session at a time)' : ''}`,
      async () => {
        const [talk, hush] = await Promise.all([
          run(engine, speech, { config }),
          run(engine, new Uint8Array(speech.byteLength), { config, startMs: START_MS }),
        ])
        expect(hush.text).toBe('')
        expect(talk.text).not.toBe('')
        expect(misplacedFinals(talk, 0, speechMs)).toEqual([])
        expect(deterministic ? talk.text : whole.text).toBe(whole.text)
      },
    )
  })
}

/** Finals that begin before the one ahead of them ended, are empty in time, or leave the audio. */
function misplacedFinals({ finals }: Run, fromMs: number, toMs: number): FinalEvent[] {
  let horizonMs = fromMs
  return finals.filter((final) => {
    const misplaced =
      final.startMs < horizonMs || final.endMs <= final.startMs || final.endMs > toMs
    horizonMs = final.endMs
    return misplaced
  })
}

/** The moments that an event without words names. */
function momentsOf(event: SpeechEvent): number[] {
  if (event.type === 'speech-started') return [event.atMs]
  return event.type === 'utterance-end' ? [event.lastWordEndMs] : []
}

/** How sure an engine is may hang on how busy the machine was. */
function saidWhen({ text, words, startMs, endMs }: FinalEvent) {
  const times = words.map((word) => [word.text, word.startMs, word.endMs])
  return { text, times, startMs, endMs }
}
