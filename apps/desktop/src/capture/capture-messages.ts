import type { CaptureErrorCode } from '../core/ports.ts'

/** A device that sound can be recorded from. */
export interface CaptureDevice {
  /** PortAudio's number; it may change when devices come and go. */
  readonly index: number
  readonly name: string
  /** The system's audio interface that offers it: `ALSA`, `Core Audio`, `Windows WASAPI`. */
  readonly hostApi: string
  /** Input channels, above 0. */
  readonly channels: number
  readonly isDefault: boolean
}

/** What the capture process is started for; its only argument, as JSON. */
export type CaptureTask =
  | { readonly do: 'list' }
  /** @param device by index or by (part of) its name; the default device where undefined */
  | { readonly do: 'capture'; readonly device: string | number | undefined }

/** What the capture process says, in order with its audio. */
export type CaptureMessage =
  | { readonly type: 'devices'; readonly devices: readonly CaptureDevice[] }
  /** The device is open under this name; audio follows. */
  | { readonly type: 'opened'; readonly deviceName: string }
  /** 20 ms of PCM s16le, 16 kHz, mono. */
  | { readonly type: 'audio'; readonly pcm: Uint8Array }
  /** Audio of this length was dropped, because it was not taken in time. */
  | { readonly type: 'gap'; readonly durationMs: number }
  /** Nothing follows. The sentence is for the user, the driver's own words are for a bug report. */
  | {
      readonly type: 'failed'
      readonly code: CaptureErrorCode
      readonly sentence: string
      readonly cause?: string
    }
