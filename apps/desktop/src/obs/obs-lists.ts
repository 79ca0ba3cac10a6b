import type { ObsSession } from './obs-session.ts'

/**
 * Names of the inputs that have sound, in OBS' order. Only those have a mute state; asking each for it
 * works with every OBS since 28.
 * @throws ObsError
 */
export async function listInputs(session: ObsSession): Promise<string[]> {
  const { inputs } = await session.call('GetInputList')
  const names = namesOf(inputs, 'inputName')
  const hasSound = await Promise.all(
    names.map((inputName) =>
      session.call('GetInputMute', { inputName }).then(
        () => true,
        () => false,
      ),
    ),
  )
  return names.filter((_, index) => hasSound[index])
}

/**
 * Names of the scenes as OBS shows them; obs-websocket counts them from the bottom.
 * @throws ObsError
 */
export async function listScenes(session: ObsSession): Promise<string[]> {
  const { scenes } = await session.call('GetSceneList')
  return namesOf(scenes, 'sceneName').toReversed()
}

export function namesOf(
  entries: readonly Readonly<Record<string, unknown>>[],
  key: 'inputName' | 'sceneName',
): string[] {
  return entries.map((entry) => entry[key]).filter((name) => typeof name === 'string')
}
