import { useSetting } from '../api/use-setting.ts'
import { LevelCheck } from '../microphone/level-check.tsx'
import { MicrophoneOrder } from '../microphone/microphone-order.tsx'
import { SettingSegments } from '../ui/setting-choice.tsx'
import { Group } from './group.tsx'

const CHANNELS = [
  { value: 'mix', name: 'Mix' },
  { value: 'left', name: 'Left' },
  { value: 'right', name: 'Right' },
] as const

/** Which microphones are used, in which order. */
export function MicrophoneSection() {
  const channel = useSetting('microphone', 'channel')
  return (
    <>
      <Group title="Level">
        <LevelCheck />
      </Group>
      <Group
        title="Order"
        lead="The first one that is plugged in is used. If it is unplugged, captions go on with the next, and back when it returns."
      >
        <MicrophoneOrder />
      </Group>
      <Group title="Channel">
        <SettingSegments
          label="What is taken from a stereo device"
          value={channel.value}
          options={CHANNELS}
          problem={channel.problem}
          hint="Choose left or right where only one of them carries your voice."
          onChoose={channel.set}
        />
      </Group>
    </>
  )
}
