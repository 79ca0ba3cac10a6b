import type { CaptureDevice } from './capture-messages.ts'

/** How long a better device must be there before it is taken: a loose plug comes and goes. */
const SETTLE_MS = 1000
const LONGEST_SETTLE_MS = 30_000
/** Setbacks are forgotten after this. */
const MEMORY_MS = 60_000
/** A device that is to be tried again this soon is waited for. */
const PATIENCE_MS = 1000
const FIRST_RETRY_MS = 250
const PATIENT_RETRIES = 2
const FIRST_REST_MS = 10_000
const LONGEST_REST_MS = 60_000

export interface Choice {
  /** Undefined where there is none, or none yet. */
  readonly device: CaptureDevice | undefined
  /** When to choose again, though nothing changes. */
  readonly againInMs: number | undefined
}

/** What went wrong with a device that is still plugged in. */
export type Setback = 'stopped' | 'unopenable'

export interface DeviceChooser {
  /** Tells which devices there are, as soon as it is known. */
  update(devices: readonly CaptureDevice[], nowMs: number): void
  /** @returns how long the device rests now, ms */
  setback(name: string, kind: Setback, nowMs: number): number
  /** @param current name of the device that is captured; undefined where none is */
  choose(order: readonly string[], current: string | undefined, nowMs: number): Choice
}

interface Memory {
  /** When it came; -Infinity where it was there from the start. */
  sinceMs: number
  /** When it went wrong or away. */
  setbacksMs: number[]
  restsUntilMs: number
}

/**
 * The microphone to capture: the first in the user's order that is there, else the system's
 * default, else any. One that failed rests, longer each time; and one that came and went must stay
 * longer each time before it is taken again, as long as there is another.
 */
export function createDeviceChooser(): DeviceChooser {
  const memories = new Map<string, Memory>()
  let devices: readonly CaptureDevice[] = []
  let started = false

  function remember(name: string): Memory {
    const known = memories.get(name)
    if (known) return known
    const fresh = { sinceMs: -Infinity, setbacksMs: [], restsUntilMs: -Infinity }
    memories.set(name, fresh)
    return fresh
  }

  function recentSetbacks(memory: Memory, nowMs: number): number {
    memory.setbacksMs = memory.setbacksMs.filter((atMs) => atMs > nowMs - MEMORY_MS)
    return memory.setbacksMs.length
  }

  /** How long this device is not to be taken in place of a working one, or of none. */
  function waitMs(name: string, hasCurrent: boolean, nowMs: number): number {
    const memory = remember(name)
    const restMs = memory.restsUntilMs - nowMs
    if (!hasCurrent) return Math.max(0, restMs)
    const settleMs = SETTLE_MS * 2 ** Math.max(0, recentSetbacks(memory, nowMs) - 1)
    const settledMs = memory.sinceMs + Math.min(settleMs, LONGEST_SETTLE_MS)
    return Math.max(0, restMs, settledMs - nowMs)
  }

  return {
    update(next, nowMs) {
      const names = new Set(devices.map(({ name }) => name))
      const nextNames = new Set(next.map(({ name }) => name))
      for (const name of nextNames) {
        if (started && !names.has(name)) remember(name).sinceMs = nowMs
      }
      for (const name of names) if (!nextNames.has(name)) remember(name).setbacksMs.push(nowMs)
      devices = next
      started = true
    },
    setback(name, kind, nowMs) {
      const memory = remember(name)
      const before = recentSetbacks(memory, nowMs)
      memory.setbacksMs.push(nowMs)
      const patient = kind === 'stopped' && before < PATIENT_RETRIES
      const restMs = patient
        ? FIRST_RETRY_MS * 2 ** before
        : Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** Math.max(0, before - PATIENT_RETRIES))
      memory.restsUntilMs = nowMs + restMs
      return restMs
    },
    choose(order, current, nowMs) {
      let againInMs: number | undefined
      const hasCurrent = devices.some(({ name }) => name === current)
      for (const device of ranked(devices, order)) {
        if (device.name === current) return { device, againInMs }
        const inMs = waitMs(device.name, hasCurrent, nowMs)
        if (inMs === 0) return { device, againInMs }
        againInMs = Math.min(againInMs ?? Infinity, inMs)
        if (!hasCurrent && inMs <= PATIENCE_MS) break
      }
      return { device: undefined, againInMs }
    },
  }
}

function ranked(devices: readonly CaptureDevice[], order: readonly string[]): CaptureDevice[] {
  const rank = ({ name, isDefault }: CaptureDevice): number => {
    const place = order.indexOf(name)
    if (place >= 0) return place
    return order.length + (isDefault ? 0 : 1)
  }
  return devices.toSorted((a, b) => rank(a) - rank(b))
}
