import { isRefusal } from './obs-error.ts'
import type { ObsSession } from './obs-session.ts'

export interface MuteFollowerDeps {
  emit(command: 'mute' | 'unmute'): void
  /** The followed input has another name now. */
  onRenamed(inputName: string): void
  /** One sentence: the input cannot be followed. */
  onMissing(sentence: string): void
}

export interface MuteFollower {
  /** Reads the input's state now, and listens, until the session ends. */
  attach(session: ObsSession): void
  /** Follows another input; empty is none. */
  follow(inputName: string): void
}

/**
 * Follows the mute state of one input of OBS. Only a change of it is told: an unmuted input does not
 * undo what the user muted in Saywire. A lost OBS or a removed input leaves a mute as it is, since
 * nobody should be heard because a program crashed.
 */
export function createMuteFollower(deps: MuteFollowerDeps): MuteFollower {
  let followed = ''
  let isMuted = false
  let session: ObsSession | undefined
  let isChangingCollection = false

  const tell = (muted: boolean) => {
    if (muted === isMuted) return
    isMuted = muted
    deps.emit(muted ? 'mute' : 'unmute')
  }

  async function read(): Promise<void> {
    const inputName = followed
    if (inputName === '' || session === undefined) return
    try {
      const { inputMuted } = await session.call('GetInputMute', { inputName })
      if (inputName === followed) tell(inputMuted)
    } catch (error) {
      if (isRefusal(error, 'resourceNotFound')) deps.onMissing(missing(inputName))
      if (isRefusal(error, 'invalidResourceState')) deps.onMissing(silent(inputName))
    }
  }

  return {
    attach: (opened) => {
      session = opened
      opened.on('InputMuteStateChanged', ({ inputName, inputMuted }) => {
        if (inputName === followed) tell(inputMuted)
      })
      opened.on('InputNameChanged', ({ oldInputName, inputName }) => {
        if (oldInputName !== followed || followed === '') return
        followed = inputName
        deps.onRenamed(inputName)
      })
      opened.on('InputRemoved', ({ inputName }) => {
        // In a change of the scene collection all inputs go, and ours may well be in the other one.
        if (inputName === followed && !isChangingCollection) deps.onMissing(missing(inputName))
      })
      opened.on('InputCreated', ({ inputName }) => {
        if (inputName === followed) void read()
      })
      isChangingCollection = false
      opened.on('CurrentSceneCollectionChanging', () => (isChangingCollection = true))
      opened.on('CurrentSceneCollectionChanged', () => {
        isChangingCollection = false
        void read()
      })
      void opened.ended.then(() => {
        if (session === opened) session = undefined
      })
      void read()
    },
    follow: (inputName) => {
      if (inputName === followed) return
      followed = inputName
      // Nobody follows any more: the mute is the user's own from here on.
      if (inputName === '') isMuted = false
      void read()
    },
  }
}

function missing(inputName: string): string {
  return `OBS has no input "${inputName}" now: its mute is not followed until it is back or you choose another.`
}

function silent(inputName: string): string {
  return `The OBS input "${inputName}" has no sound to mute: choose another input to follow.`
}
