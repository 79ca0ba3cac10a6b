import { expect, it } from 'vitest'
import { gatesSilence } from './gates-silence.ts'

it.each([
  ['auto', 'managed', true],
  ['auto', 'byok', false],
  ['auto', 'local', false],
  ['on', 'local', true],
  ['on', 'byok', true],
  ['off', 'managed', false],
] as const)('silence set to %s in %s mode is left out: %s', (silenceGate, mode, expected) => {
  expect(gatesSilence({ continuity: { silenceGate }, transcription: { mode } })).toBe(expected)
})
