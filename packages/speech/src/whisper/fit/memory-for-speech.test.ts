import { describe, expect, it } from 'vitest'
import { memoryForSpeech } from './memory-for-speech.ts'

const GB = 1e9

describe('the memory for speech', () => {
  it('is an eighth of the machine, or half of what is free where that is less', () => {
    const system = { platform: 'linux', totalBytes: 16 * GB } as const
    expect(memoryForSpeech({ ...system, freeBytes: 10 * GB })).toBe(2 * GB)
    expect(memoryForSpeech({ ...system, freeBytes: 1 * GB })).toBe(0.5 * GB)
  })

  it('is not misled by macOS, which fills free memory with what it may need again', () => {
    const system = { totalBytes: 16 * GB, freeBytes: 0.1 * GB }
    expect(memoryForSpeech({ ...system, platform: 'darwin' })).toBe(2 * GB)
    expect(memoryForSpeech({ ...system, platform: 'win32' })).toBe(0.05 * GB)
  })
})
