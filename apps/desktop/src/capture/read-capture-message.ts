import { msToBytes } from '@saywire/speech'
import type { CaptureErrorCode } from '../core/ports.ts'
import type { CaptureDevice, CaptureMessage } from './capture-messages.ts'

/** A frame is 20 ms; what is longer than this is none. */
const PCM_BYTES_MAX = msToBytes(1000)
const DEVICES_MAX = 1000
const TEXT_CHARS_MAX = 2000

const ERROR_CODES: Readonly<Record<CaptureErrorCode, true>> = {
  not_found: true,
  not_readable: true,
  not_audio: true,
  no_microphone: true,
  capture_unavailable: true,
}

/**
 * What the capture process said; undefined where that is no message of ours, and to be passed over.
 * The process runs a driver's native code, so its word is not taken for it. By hand, because it is
 * asked for each frame of audio: nothing is allocated.
 */
export function readCaptureMessage(told: unknown): CaptureMessage | undefined {
  return isCaptureMessage(told) ? told : undefined
}

function isCaptureMessage(told: unknown): told is CaptureMessage {
  if (!isObject(told)) return false
  switch (told['type']) {
    case 'audio':
      return isPcm(told['pcm'])
    case 'gap':
    case 'muted':
      return isAmount(told['durationMs'])
    case 'level':
      return Number.isFinite(told['rmsDbfs']) && Number.isFinite(told['peakDbfs'])
    case 'mute':
      return isFlag(told['muted']) && isAmount(told['seq']) && isAmount(told['audioBytes'])
    case 'opened':
      return isText(told['deviceName'])
    case 'devices':
      return (
        isListOf(told['devices'], isDevice) &&
        isListOf(told['plugged'], isText) &&
        isAmount(told['cpuMs'])
      )
    case 'failed':
      return (
        isErrorCode(told['code']) &&
        isText(told['sentence']) &&
        (told['cause'] === undefined || isText(told['cause']))
      )
    default:
      return false
  }
}

/** Whole samples. */
function isPcm(value: unknown): value is Uint8Array {
  return (
    value instanceof Uint8Array && value.byteLength % 2 === 0 && value.byteLength <= PCM_BYTES_MAX
  )
}

function isDevice(value: unknown): value is CaptureDevice {
  return (
    isObject(value) &&
    isAmount(value['index']) &&
    isText(value['name']) &&
    isText(value['hostApi']) &&
    isAmount(value['channels']) &&
    isFlag(value['isDefault'])
  )
}

function isErrorCode(value: unknown): value is CaptureErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERROR_CODES, value)
}

function isListOf<Item>(value: unknown, isItem: (item: unknown) => item is Item): value is Item[] {
  return Array.isArray(value) && value.length <= DEVICES_MAX && value.every(isItem)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

function isFlag(value: unknown): value is boolean {
  return typeof value === 'boolean'
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= TEXT_CHARS_MAX
}
