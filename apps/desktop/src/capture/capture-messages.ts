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

/** What is taken from a device with several channels; of one with a single channel, that one. */
export type MicrophoneChannel = 'mix' | 'left' | 'right'

/** How loud 50 ms were. dBFS: 0 is full scale, -100 is silence. */
export interface AudioLevel {
  readonly rmsDbfs: number
  readonly peakDbfs: number
}

export interface RecordingTask {
  /** Index or (part of) its name; the default device where undefined. */
  readonly device: string | number | undefined
  /** Default: `mix`. */
  readonly channel?: MicrophoneChannel
}

/** What the capture process is started for; its only argument, as JSON. */
export type CaptureTask =
  /** One list, then the end. */
  | { readonly do: 'list' }
  /** A list whenever it is asked for by a `list` control. */
  | { readonly do: 'list-when-asked' }
  /** Audio, until told to stop. */
  | (RecordingTask & {
      readonly do: 'capture'
      /** Starts muted: no audio leaves before a `mute` control says so. */
      readonly muted?: boolean
      readonly level?: boolean
    })
  /** Levels only: audio never leaves the process. */
  | (RecordingTask & { readonly do: 'meter' })

/** What the owner tells a capture process that runs. */
export type CaptureControl =
  /** Answered by `mute`. The number rises with each, and comes back in the answer. */
  | { readonly do: 'mute'; readonly muted: boolean; readonly seq: number }
  | { readonly do: 'level'; readonly on: boolean }
  /** So many frames of audio were taken since the start; where the channel itself does not tell. */
  | { readonly do: 'taken'; readonly frames: number }
  /** Answered by `devices`. Unless forced, devices are looked at only where something changed. */
  | { readonly do: 'list'; readonly force: boolean }

/** What the capture process says, in order with its audio. */
export type CaptureMessage =
  | DeviceList
  /** The device is open under this name; audio follows. */
  | { readonly type: 'opened'; readonly deviceName: string }
  /** 20 ms of PCM s16le, 16 kHz, mono. */
  | { readonly type: 'audio'; readonly pcm: Uint8Array }
  /** Audio of this length was dropped, because it was not taken in time. */
  | { readonly type: 'gap'; readonly durationMs: number }
  /** Audio of this length was dropped, because the user is muted: a number in its place. */
  | { readonly type: 'muted'; readonly durationMs: number }
  /** From here on it is as the control of this number said. */
  | {
      readonly type: 'mute'
      readonly muted: boolean
      readonly seq: number
      /** Audio that has left this process since it started; it stands still while muted. */
      readonly audioBytes: number
    }
  | ({ readonly type: 'level' } & AudioLevel)
  /** Nothing follows. The sentence is for the user, the driver's own words are for a bug report. */
  | {
      readonly type: 'failed'
      readonly code: CaptureErrorCode
      readonly sentence: string
      readonly cause?: string
    }

export interface DeviceList {
  readonly type: 'devices'
  readonly devices: readonly CaptureDevice[]
  /**
   * Linux: what is plugged in, as ALSA numbers it (`hw:1,0`). PortAudio does not see a device that
   * another process records from; here it is. Empty elsewhere.
   */
  readonly plugged: readonly string[]
  /** CPU time that this list cost. */
  readonly cpuMs: number
}
