import { describe, expect, it } from 'vitest'
import type { Settings } from '../settings/settings.ts'
import { settingsSchema } from '../settings/settings.ts'
import { captionConfig } from './caption-engine.ts'

type Transcription = Partial<Settings['transcription']>

const configOf = (transcription: Transcription) =>
  captionConfig(settingsSchema.parse({ transcription }).transcription)

describe('what engines are asked for', () => {
  it('is the same of a new user’s engine as ever', () => {
    expect(configOf({})).toEqual({ interim_results: true, language: 'en' })
  })

  it.each(['local', 'managed', 'byok'] as const)('are the names and terms, of %s', (mode) => {
    expect(configOf({ mode, vocabulary: ['Zoë'] })).toMatchObject({ keyterm: ['Zoë'] })
  })

  it.each<[boolean, string, Transcription]>([
    [true, 'of a model for many languages', { localModel: 'base', language: 'de' }],
    [true, 'whatever is spoken', { localModel: 'base', language: 'multi' }],
    [true, 'of a server, which may be able to', { mode: 'managed', language: 'de' }],
    [false, 'of English', { localModel: 'base', language: 'en-GB' }],
    [false, 'of Deepgram', { mode: 'byok', language: 'de' }],
    [false, 'of a model that was not taught to', { localModel: 'large-v3-turbo', language: 'de' }],
  ])('is a translation: %s, %s', (isAsked, _of, transcription) => {
    const { translate } = configOf({ ...transcription, translate: true })
    expect(translate ?? false).toBe(isAsked)
    expect(configOf(transcription)).not.toHaveProperty('translate')
  })
})
