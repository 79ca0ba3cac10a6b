import type { PcmConverter } from '@saywire/speech'
import { createPcmConverter } from '@saywire/speech'
import type { InputFormat, InputStream } from './audio-driver.ts'
import { createAudioGate } from './audio-gate.ts'
import type { CaptureTask } from './capture-messages.ts'
import { createFrameSender } from './frame-sender.ts'
import { createLevelMeter } from './level-meter.ts'
import type { OwnerPort } from './owner-port.ts'
import { createChannelPicker } from './pick-channel.ts'

export interface RecorderDeps {
  readonly task: Extract<CaptureTask, { do: 'capture' | 'meter' }>
  readonly input: Pick<InputStream, 'on'>
  readonly format: InputFormat
  readonly owner: OwnerPort
}

/**
 * Device → one channel → 16 kHz mono → level → gate → frames to the owner. Nothing but the gate
 * leads audio out of here, and a meter has none.
 */
export function record({ task, input, format, owner }: RecorderDeps): void {
  const sender = createFrameSender((message, sent) => owner.post(message, sent))
  const meter = createLevelMeter((level) => owner.post({ type: 'level', ...level }))
  let metering = task.do === 'meter' || task.level === true
  const gate =
    task.do === 'meter'
      ? undefined
      : createAudioGate({
          muted: task.muted === true,
          onFrame: (pcm) => sender.send(pcm),
          onMuted: (durationMs) => owner.post({ type: 'muted', durationMs }),
        })

  function take(pcm: Uint8Array): void {
    if (metering) meter(pcm)
    gate?.push(pcm)
  }

  let converter = convertTo(take, task, format)
  input.on('data', (bytes: Buffer) => converter.push(bytes))

  owner.onControl((control) => {
    if (control.do === 'level') metering = control.on
    if (control.do !== 'mute' || !gate) return
    const { muted, seq } = control
    gate.setMuted(muted, muted ? sender.takeBack() : 0)
    // A resampler remembers some milliseconds: they were muted.
    if (!muted) converter = convertTo(take, task, format)
    owner.post({ type: 'mute', muted, seq, audioBytes: sender.sentBytes })
  })
}

function convertTo(
  take: (pcm: Uint8Array) => void,
  { channel = 'mix' }: RecorderDeps['task'],
  { rateHz, channels }: InputFormat,
): Pick<PcmConverter, 'push'> {
  if (channel === 'mix' || channels === 1) return createPcmConverter({ rateHz, channels }, take)
  const converter = createPcmConverter({ rateHz, channels: 1 }, take)
  return { push: createChannelPicker(channel, (mono) => converter.push(mono)) }
}
