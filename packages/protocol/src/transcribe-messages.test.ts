import { describe, expect, it } from 'vitest'
import { CLOSE_AUTH_TIMEOUT, CLOSE_CODE_BY_ERROR, CLOSE_DONE } from './close-codes.ts'
import { transcribeErrorCodeSchema } from './error-codes.ts'
import {
  clientMessageSchema,
  serverMessageSchema,
  sessionEndReasonSchema,
} from './transcribe-messages.ts'

describe('messages of a client', () => {
  it.each([
    { type: 'auth', token: 't', config: { model: 'nova-3' } },
    { type: 'configure', config: { punctuate: true } },
    { type: 'finalize' },
    { type: 'keepalive' },
    { type: 'stop' },
  ])('are taken as they are: %j', (message) => {
    expect(clientMessageSchema.parse(message)).toEqual(message)
  })

  it('ask for the defaults where auth has no config', () => {
    const message = clientMessageSchema.parse({ type: 'auth', token: 't' })
    expect(message).toEqual({ type: 'auth', token: 't', config: {} })
  })

  it('may name settings to change beside the type', () => {
    const message = { type: 'configure', punctuate: false }
    expect(clientMessageSchema.parse(message)).toEqual({ ...message, config: {} })
  })

  it.each([
    ['an unknown key', { type: 'stop', now: true }, 'now'],
    ['an unknown setting in auth', { type: 'auth', token: 't', config: { tier: 1 } }, 'tier'],
    ['an unknown setting in configure', { type: 'configure', tier: 1 }, 'tier'],
  ])('are refused for %s, which the error names', (_what, message, key) => {
    const { error } = clientMessageSchema.safeParse(message)
    expect(error?.issues).toMatchObject([{ code: 'unrecognized_keys', keys: [key] }])
  })

  it.each([
    null,
    'stop',
    {},
    { type: 'shutdown' },
    { type: 'auth' },
    { type: 'auth', token: '' },
    { type: 'auth', token: 'x'.repeat(4097) },
    { type: 'configure', endpointing: 'soon' },
  ])('are refused: %j', (message) => {
    expect(clientMessageSchema.safeParse(message).success).toBe(false)
  })
})

describe('messages of the server', () => {
  const transcript = {
    type: 'transcript',
    text: 'Hi.',
    is_final: true,
    confidence: 0.9,
    speech_final: true,
    start_ms: 0,
    end_ms: 400,
    words: [{ text: 'Hi.', start_ms: 0, end_ms: 400, confidence: 0.9 }],
  }

  it.each([
    { type: 'ready', session_id: 's', resume_from_ms: 0, backend: 'whisper base.en' },
    { type: 'speech_started', at_ms: 20 },
    { type: 'utterance_end', last_word_end_ms: 400 },
    { type: 'ack', audio_ms: 1000 },
    { type: 'credits_low', seconds_remaining: 60 },
    { type: 'error', code: 'busy', message: 'Later.', retry_after_ms: 1000 },
    { type: 'session_end', seconds_used: 1, used_ms: 1000, reason: 'stopped' },
    transcript,
    { ...transcript, is_final: false, committed_words: 1 },
  ])('are taken as they are: %j', (message) => {
    expect(serverMessageSchema.parse(message)).toEqual(message)
  })

  it('may carry keys that an older client does not know', () => {
    const message = { type: 'ack', audio_ms: 1, jitter_ms: 3 }
    expect(serverMessageSchema.parse(message)).toEqual({ type: 'ack', audio_ms: 1 })
  })

  it.each([
    { ...transcript, confidence: 1.1 },
    { ...transcript, start_ms: -1 },
    { ...transcript, words: [{ text: 'Hi.' }] },
    { ...transcript, committed_words: -1 },
    { type: 'ack', audio_ms: 0.5 },
    { type: 'error', code: 'whatever', message: '' },
  ])('are refused: %j', (message) => {
    expect(serverMessageSchema.safeParse(message).success).toBe(false)
  })
})

describe('ends of a session', () => {
  it('has a close code for every error, which says more than an orderly end', () => {
    expect(Object.keys(CLOSE_CODE_BY_ERROR)).toEqual(transcribeErrorCodeSchema.options)
    for (const code of Object.values(CLOSE_CODE_BY_ERROR)) {
      expect(code).toBeGreaterThan(CLOSE_DONE)
      // The codes that an application may put into a close frame.
      expect((code >= 1007 && code <= 1014) || (code >= 4000 && code <= 4999)).toBe(true)
    }
  })

  it('keeps the promised close codes', () => {
    expect({ CLOSE_DONE, CLOSE_AUTH_TIMEOUT, ...CLOSE_CODE_BY_ERROR }).toEqual({
      CLOSE_DONE: 1000,
      CLOSE_AUTH_TIMEOUT: 4408,
      unauthenticated: 4401,
      insufficient_credits: 4402,
      account_blocked: 4403,
      ended_by_operator: 4410,
      too_many_connections: 4429,
      bad_message: 4400,
      frame_too_large: 4413,
      too_fast: 4429,
      upstream_lost: 4502,
      busy: 1013,
      server_draining: 1012,
      lease_lost: 4409,
      internal: 1011,
    })
  })

  it('can name every error as the reason', () => {
    expect(sessionEndReasonSchema.options).toEqual(
      expect.arrayContaining([...transcribeErrorCodeSchema.options, 'stopped']),
    )
  })
})
