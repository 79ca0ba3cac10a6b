import { describe, expect, it } from 'vitest'
import { isGpuToBlame } from './gpu-blame.ts'
import type { WhisperEnd } from './gpu-blame.ts'

const CRASH: WhisperEnd = {
  gpu: 'Some GPU',
  stopped: false,
  hung: false,
  hadAudio: true,
  decoded: true,
  failure: undefined,
  reason: 'SIGSEGV',
}

describe('whether the GPU is to blame for the end of a whisper process', () => {
  it.each<[string, Partial<WhisperEnd>]>([
    ['it crashed after it had worked', {}],
    ['it crashed in Electron', { reason: 'exit code 139' }],
    ['it crashed on Windows', { reason: 'exit code 3221225477' }],
    ['it crashed before it had anything to do', { hadAudio: false, decoded: false }],
    ['the library gave an error', { failure: 'could not decode', reason: 'exit code 1' }],
    ['it hung over the first it heard', { hung: true, decoded: false, reason: 'SIGKILL' }],
    ['it was killed over the first it heard', { decoded: false, reason: 'SIGKILL' }],
  ])('yes: %s', (_, end) => {
    expect(isGpuToBlame({ ...CRASH, ...end })).toBe(true)
  })

  it.each<[string, Partial<WhisperEnd>]>([
    ['it used none', { gpu: undefined, decoded: false, failure: 'could not decode' }],
    ['its owner ended it, before it decoded anything', { stopped: true, decoded: false }],
    ['it was killed for its memory after it had worked', { reason: 'SIGKILL' }],
    ['it was killed in Electron after it had worked', { reason: 'exit code 9' }],
    ['it hung on a machine that is too busy', { hung: true, reason: 'SIGKILL' }],
    ['it was killed idle', { hadAudio: false, decoded: false, reason: 'SIGKILL' }],
    ['it ended as asked by its last words', { reason: 'exit code 0 done' }],
  ])('no: %s', (_, end) => {
    expect(isGpuToBlame({ ...CRASH, ...end })).toBe(false)
  })
})
