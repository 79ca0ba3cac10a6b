import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { forkCaptureChild } from './capture-child.ts'
import type { CaptureMessage } from './capture-messages.ts'
import { readCaptureMessage } from './read-capture-message.ts'

const DEVICE = { index: 0, name: 'Desk', hostApi: 'ALSA', channels: 2, isDefault: true }

const MESSAGES = [
  { type: 'audio', pcm: new Uint8Array(640) },
  { type: 'audio', pcm: Buffer.alloc(2) },
  { type: 'gap', durationMs: 20 },
  { type: 'muted', durationMs: 0.5 },
  { type: 'level', rmsDbfs: -100, peakDbfs: -3 },
  { type: 'mute', muted: true, seq: 1, audioBytes: 0 },
  { type: 'opened', deviceName: 'Desk' },
  { type: 'devices', devices: [DEVICE], plugged: ['hw:1,0'], cpuMs: 1.5 },
  { type: 'failed', code: 'no_microphone', sentence: 'It is gone.', cause: 'unplugged' },
  { type: 'failed', code: 'not_found', sentence: 'There is none.' },
] as const satisfies readonly CaptureMessage[]

it.each(MESSAGES)('takes what the capture process says: $type', (message) => {
  expect(readCaptureMessage(message)).toBe(message)
})

it.each([
  ['nothing', undefined],
  ['a text', 'audio'],
  ['no type', {}],
  ['a type that is none', { type: 'speak' }],
  ['a type out of the prototype', { type: 'constructor' }],
  ['audio without sound', { type: 'audio' }],
  ['sound that is no bytes', { type: 'audio', pcm: [1, 2] }],
  ['sound of other samples', { type: 'audio', pcm: new Float32Array(320) }],
  ['half a sample', { type: 'audio', pcm: new Uint8Array(641) }],
  ['a frame without an end', { type: 'audio', pcm: new Uint8Array(10_000_000) }],
  ['a gap of no length', { type: 'gap', durationMs: Number.NaN }],
  ['a gap backwards', { type: 'gap', durationMs: -20 }],
  ['muted for ever', { type: 'muted', durationMs: Infinity }],
  ['a level without a figure', { type: 'level', rmsDbfs: -20 }],
  ['muted, perhaps', { type: 'mute', muted: 'no', seq: 1, audioBytes: 0 }],
  ['no name', { type: 'opened', deviceName: 7 }],
  ['a device without a name', { type: 'devices', devices: [{}], plugged: [], cpuMs: 0 }],
  ['no list', { type: 'devices', devices: DEVICE, plugged: [], cpuMs: 0 }],
  ['a code that is none', { type: 'failed', code: 'toString', sentence: 'x' }],
  ['an endless sentence', { type: 'failed', code: 'not_found', sentence: 'x'.repeat(3000) }],
])('passes over what is no message: %s', (_what, told) => {
  expect(readCaptureMessage(told)).toBeUndefined()
})

it(
  'lets nothing else out of a real process that has lost its mind',
  { timeout: 60_000 },
  async () => {
    const entry = fileURLToPath(new URL('./testing/raving-capture-process.mjs', import.meta.url))
    const child = forkCaptureChild({ do: 'meter', device: undefined }, { entry })
    const seen: CaptureMessage[] = []
    child.onMessage((message) => void seen.push(message))
    await new Promise<void>((resolve) => child.onExit(() => resolve()))
    expect(seen).toEqual([{ type: 'opened', deviceName: 'It is over' }])
  },
)
