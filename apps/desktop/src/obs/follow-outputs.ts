import type { Settings } from '../settings/settings.ts'
import type { ObsOutputs } from './obs-outputs.ts'

/**
 * Says `start` and `stop` as the followed outputs of OBS do, each once. An OBS that goes away says
 * nothing: only an OBS that is there and does not stream any more stops captions.
 */
export function createOutputFollower(emit: (command: 'start' | 'stop') => void) {
  let isFollowed = false
  return (outputs: ObsOutputs, follow: Settings['obs']['follow']): void => {
    const wasFollowed = isFollowed
    isFollowed = isRunning(outputs, follow)
    if (isFollowed === wasFollowed) return
    // Captions that the user lets run on are not stopped because following was switched off.
    if (isFollowed || follow !== 'none') emit(isFollowed ? 'start' : 'stop')
  }
}

function isRunning({ isStreaming, isRecording }: ObsOutputs, follow: Settings['obs']['follow']) {
  switch (follow) {
    case 'none':
      return false
    case 'stream':
      return isStreaming
    case 'recording':
      return isRecording
    case 'either':
      return isStreaming || isRecording
  }
}
