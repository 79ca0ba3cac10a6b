import { describe, expect, it } from 'vitest'
import { settingsSchema } from './settings.ts'

describe('addresses in the settings', () => {
  it.each([
    ['transcription', { serverUrl: 'https://me:secret@example.org' }],
    ['transcription', { serverUrl: 'https://token@example.org/asr' }],
    ['obs', { url: 'ws://:secret@127.0.0.1:4455' }],
  ])('of %s hold no password: %j', (section, fields) => {
    const { error } = settingsSchema.safeParse({ [section]: fields })
    expect(error?.issues[0]?.message).toBe('write it without a name and password')
  })

  it('may hold an @ elsewhere', () => {
    const serverUrl = 'https://example.org/@asr?to=a@b'
    const settings = settingsSchema.parse({ transcription: { serverUrl } })
    expect(settings.transcription.serverUrl).toBe(serverUrl)
  })
})
