/** 1 s of audio. */
const UNTAKEN_MAX = 50

/** Frames on a channel that takes whatever it is given and never says when it has left. */
export interface FrameCredit {
  /** A frame was posted; `sent` is called, later, when the next one may follow. */
  posted(sent: () => void): void
  /** The owner has taken so many frames since the start. */
  taken(frames: number): void
}

/** At most a second of audio is on its way to an owner that has not said that it took it. */
export function createFrameCredit(untakenMax = UNTAKEN_MAX): FrameCredit {
  const held: (() => void)[] = []
  let postedFrames = 0
  let takenFrames = 0

  function release(): void {
    if (postedFrames - takenFrames >= untakenMax) return
    // Later, so that nobody is called before posted() is back.
    for (const sent of held.splice(0)) setImmediate(sent)
  }

  return {
    posted(sent) {
      postedFrames += 1
      held.push(sent)
      release()
    },
    taken(frames) {
      takenFrames = Math.max(takenFrames, frames)
      release()
    },
  }
}
