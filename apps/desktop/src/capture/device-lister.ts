import type { CaptureDevice } from './capture-messages.ts'
import type { OwnerPort } from './owner-port.ts'
import type { PluggedDevices } from './plugged-devices.ts'

/** On Linux the devices are opened for a look at least this often; no sign can be missed for long. */
const LONGEST_UNSEEN_MS = 60_000

export interface DeviceListerDeps {
  readonly owner: OwnerPort
  readonly listDevices: () => readonly CaptureDevice[]
  /** Undefined where the system gives no cheap sign of a change. */
  readonly look: () => Promise<PluggedDevices | undefined>
  readonly now: () => number
}

/** Answers each `list` control; without need, PortAudio is not asked again. */
export function answerWithDevices(deps: DeviceListerDeps): void {
  const { owner, listDevices, look, now } = deps
  let devices: readonly CaptureDevice[] = []
  let seen: { readonly fingerprint: string; readonly atMs: number } | undefined

  async function answer(force: boolean): Promise<void> {
    const before = process.cpuUsage()
    const found = await look()
    const unseenMs = found && seen?.fingerprint === found.fingerprint ? now() - seen.atMs : Infinity
    if (force || unseenMs > LONGEST_UNSEEN_MS) {
      devices = listDevices()
      if (found) seen = { fingerprint: found.fingerprint, atMs: now() }
    }
    const { user, system } = process.cpuUsage(before)
    const cpuMs = (user + system) / 1000
    owner.post({ type: 'devices', devices, plugged: found?.plugged ?? [], cpuMs })
  }

  owner.onControl((control) => {
    // What fails here ends this process, and the owner starts another.
    if (control.do === 'list') void answer(control.force)
  })
}
