/** Frames that a caption may still be about: 80 s of them. */
const FRAMES_KEPT = 4096
/** Captions that a page may still report. */
const CAPTIONS_KEPT = 256
/** Measurements that the percentiles are taken of. */
const SAMPLES_KEPT = 200

export interface Percentiles {
  readonly p50Ms: number
  readonly p95Ms: number
  readonly count: number
}

/** Of the newest captions, ms. A stage that nothing is known of is undefined. */
export interface Latency {
  /** A frame's arrival from the capture process until it was handed to the engine. */
  readonly captureToEngine: Percentiles | undefined
  /** From there, for the frame that a caption's words end in, until the engine said them. */
  readonly engineToCaption: Percentiles | undefined
  /** From there until an overlay page has painted them; the first page counts. */
  readonly captionToPainted: Percentiles | undefined
  /** A frame's arrival until the words that end in it were painted. */
  readonly total: Percentiles | undefined
  /** How far the pages' clocks may be off at most, ms. */
  readonly uncertaintyMs: number | undefined
}

/** A caption on an overlay page. */
export interface PaintedCaption {
  readonly kind: 'interim' | 'final'
  /** `endMs` of its event, capture clock. */
  readonly endMs: number
  /** On the session's clock. */
  readonly paintedAtMs: number
  readonly uncertaintyMs: number
}

interface Caption {
  readonly kind: 'interim' | 'final'
  readonly endMs: number
  readonly saidAtMs: number
  /** Undefined where the frame is no longer known. */
  readonly arrivedAtMs: number | undefined
}

/**
 * Follows words from microphone to screen. All moments are on one monotonic clock, ms. Its memory
 * is fixed, and a frame costs a few writes into it.
 */
export interface LatencyTracker {
  /**
   * @param endMs audio time at the frame's end; rises
   * @param writtenAtMs NaN where no engine was there to take it
   */
  onFrame(endMs: number, arrivedAtMs: number, writtenAtMs: number): void
  /** An engine was given the frames that end after `fromMs` once more. */
  onReplay(fromMs: number, writtenAtMs: number): void
  /**
   * @param wordsEndMs audio time at which the last word ends
   * @param endMs the event's `endMs`, by which paints name it
   */
  onCaption(kind: Caption['kind'], wordsEndMs: number, endMs: number, saidAtMs: number): void
  /** Ignored where the caption is unknown or was painted before. */
  onPainted(paint: PaintedCaption): void
  read(): Latency
}

export function createLatencyTracker(): LatencyTracker {
  const endsMs = new Float64Array(FRAMES_KEPT)
  const arrivalsMs = new Float64Array(FRAMES_KEPT)
  const writesMs = new Float64Array(FRAMES_KEPT)
  let frames = 0
  const captureToEngine = createSamples()
  const engineToCaption = createSamples()
  const captionToPainted = createSamples()
  const total = createSamples()
  const uncertainties = createSamples()
  const captions = new Map<string, Caption>()
  /** An interim that only repeats what was said is not late. */
  let saidUpToMs = 0

  /** The slot of the first frame that ends at `endMs` or later, if it is still kept. */
  function slotAt(endMs: number): number | undefined {
    let low = Math.max(0, frames - FRAMES_KEPT)
    let high = frames
    if (low > 0 && endMs < (endsMs[low % FRAMES_KEPT] ?? 0)) return undefined
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      if ((endsMs[middle % FRAMES_KEPT] ?? 0) < endMs) low = middle + 1
      else high = middle
    }
    return low < frames ? low % FRAMES_KEPT : undefined
  }

  return {
    onFrame(endMs, arrivedAtMs, writtenAtMs) {
      const slot = frames % FRAMES_KEPT
      endsMs[slot] = endMs
      arrivalsMs[slot] = arrivedAtMs
      writesMs[slot] = writtenAtMs
      frames += 1
    },
    onReplay(fromMs, writtenAtMs) {
      for (let at = frames - 1; at >= Math.max(0, frames - FRAMES_KEPT); at--) {
        if ((endsMs[at % FRAMES_KEPT] ?? 0) <= fromMs) return
        writesMs[at % FRAMES_KEPT] = writtenAtMs
      }
    },
    onCaption(kind, wordsEndMs, endMs, saidAtMs) {
      if (kind === 'interim' && wordsEndMs <= saidUpToMs) return
      saidUpToMs = Math.max(saidUpToMs, wordsEndMs)
      const slot = slotAt(wordsEndMs)
      const arrivedAtMs = slot === undefined ? undefined : arrivalsMs[slot]
      const writtenAtMs = slot === undefined ? undefined : writesMs[slot]
      if (arrivedAtMs !== undefined && writtenAtMs !== undefined && !Number.isNaN(writtenAtMs)) {
        captureToEngine.add(writtenAtMs - arrivedAtMs)
        engineToCaption.add(saidAtMs - writtenAtMs)
      }
      captions.set(`${kind} ${endMs}`, { kind, endMs, saidAtMs, arrivedAtMs })
      for (const oldest of captions.keys()) {
        if (captions.size <= CAPTIONS_KEPT) break
        captions.delete(oldest)
      }
    },
    onPainted({ kind, endMs, paintedAtMs, uncertaintyMs }) {
      const caption = captions.get(`${kind} ${endMs}`)
      if (!caption) return
      captions.delete(`${kind} ${endMs}`)
      // Nothing is painted before it is said: less than nothing is the page's clock.
      captionToPainted.add(Math.max(0, paintedAtMs - caption.saidAtMs))
      if (caption.arrivedAtMs !== undefined) total.add(paintedAtMs - caption.arrivedAtMs)
      uncertainties.add(uncertaintyMs)
    },
    read: () => ({
      captureToEngine: captureToEngine.percentiles(),
      engineToCaption: engineToCaption.percentiles(),
      captionToPainted: captionToPainted.percentiles(),
      total: total.percentiles(),
      uncertaintyMs: uncertainties.max(),
    }),
  }
}

/** The newest `SAMPLES_KEPT` of a measurement. */
function createSamples() {
  const samples = new Float64Array(SAMPLES_KEPT)
  let count = 0
  const kept = () => samples.subarray(0, Math.min(count, SAMPLES_KEPT))
  return {
    add(ms: number): void {
      samples[count % SAMPLES_KEPT] = ms
      count += 1
    },
    /** By nearest rank. */
    percentiles(): Percentiles | undefined {
      const sorted = kept().toSorted()
      const rank = (share: number) => sorted[Math.ceil(share * sorted.length) - 1]
      const [p50Ms, p95Ms] = [rank(0.5), rank(0.95)]
      if (p50Ms === undefined || p95Ms === undefined) return undefined
      return { p50Ms, p95Ms, count: sorted.length }
    },
    max: () => (count === 0 ? undefined : Math.max(...kept())),
  }
}
