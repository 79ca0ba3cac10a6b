import type { MicrophoneView } from '../../api/desktop-state.ts'

/** As many as the settings keep. */
const PREFERRED_MAX = 20

/** All microphones in the order in which they are tried: the user's, then the system's. */
export function namesInOrder(
  preferred: readonly string[],
  microphones: readonly MicrophoneView[],
): string[] {
  const others = microphones
    .toSorted((a, b) => Number(b.isDefault) - Number(a.isDefault))
    .map(({ name }) => name)
  return [...new Set([...preferred, ...others])]
}

/** The order to keep after one was moved to `to`: those that matter, on a machine with many. */
export function orderAfterMove(names: readonly string[], name: string, to: number): string[] {
  const rest = names.filter((other) => other !== name)
  return rest.toSpliced(to, 0, name).slice(0, PREFERRED_MAX)
}
