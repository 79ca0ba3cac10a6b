import type { CaptureChild } from './capture-child.ts'
import type { AudioLevel } from './capture-messages.ts'

/** Who wants to know how loud it is; capture processes measure it only while somebody does. */
export interface LevelWish {
  readonly wanted: boolean
  /** @returns how to end it */
  watch(listener: (level: AudioLevel) => void): () => void
  tell(level: AudioLevel): void
  /** A process that was started with `level` as it is wanted now; undefined where none runs. */
  attach(child: CaptureChild | undefined): void
}

export function createLevelWish(): LevelWish {
  const listeners = new Set<(level: AudioLevel) => void>()
  let child: CaptureChild | undefined
  return {
    get wanted() {
      return listeners.size > 0
    },
    watch(listener) {
      listeners.add(listener)
      if (listeners.size === 1) child?.post({ do: 'level', on: true })
      return () => {
        const wasLast = listeners.delete(listener) && listeners.size === 0
        if (wasLast) child?.post({ do: 'level', on: false })
      }
    },
    tell({ rmsDbfs, peakDbfs }) {
      for (const listener of listeners) listener({ rmsDbfs, peakDbfs })
    },
    attach(next) {
      child = next
    },
  }
}
