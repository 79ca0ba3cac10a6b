import type { Histogram } from './histogram.ts'
import { createHistogram } from './histogram.ts'
import type { MetricMeta, MetricName, MetricNameOf } from './metric-catalogue.ts'
import { METRICS } from './metric-catalogue.ts'

type Labels = Readonly<Record<string, string>>

/**
 * What the server counts while it runs. It knows nothing of whoever reads it, and costs a few
 * additions: whoever has nobody to read it simply leaves it. Times in ms, audio in bytes or ms, as
 * the catalogue says.
 */
export interface Metrics {
  /** For the way of the audio: @returns adds, without allocating anything. */
  adder(name: MetricNameOf<'counter'>): (by: number) => void
  /** For the way of the audio: @returns observes, without allocating anything. */
  observer(name: MetricNameOf<'histogram'>): (value: number) => void
  count(name: MetricNameOf<'counter'>, labels?: Labels, by?: number): void
  observe(name: MetricNameOf<'histogram'>, value: number, labels?: Labels): void
  /** A number that exists already: it is read when somebody asks. The newest reader counts. */
  watch(name: MetricNameOf<'gauge'>, read: () => number, labels?: Labels): void
  /** Of a counter or a gauge, in what is published. */
  read(name: MetricName): readonly Sample[]
  readHistogram(name: MetricNameOf<'histogram'>): readonly HistogramSample[]
}

export interface Sample {
  readonly labels: Labels
  readonly value: number
}

export interface HistogramSample {
  readonly labels: Labels
  /** In what is counted. */
  readonly histogram: Histogram
}

interface Series<Value> {
  readonly labels: Labels
  readonly value: Value
}

const NONE: Labels = {}

export function createMetrics(): Metrics {
  const sums = new Map<MetricName, Map<string, Series<Float64Array>>>()
  const histograms = new Map<MetricName, Map<string, Series<Histogram>>>()
  const readers = new Map<MetricName, Map<string, Series<() => number>>>()

  const sumOf = (name: MetricName, labels: Labels): Float64Array =>
    // A plain variable would be a new object on the heap at each change.
    seriesOf(sums, name, labels, () => new Float64Array(1))
  const histogramOf = (name: MetricName, labels: Labels): Histogram =>
    seriesOf(histograms, name, labels, () => createHistogram(METRICS[name].bounds))

  return {
    adder(name) {
      const sum = sumOf(name, NONE)
      return (by) => {
        sum[0] = (sum[0] ?? 0) + by
      }
    },
    observer: (name) => histogramOf(name, NONE).observe,
    count(name, labels = NONE, by = 1) {
      const sum = sumOf(name, labels)
      sum[0] = (sum[0] ?? 0) + by
    },
    observe: (name, value, labels = NONE) => histogramOf(name, labels).observe(value),
    watch(name, read, labels = NONE) {
      readers.get(name)?.delete(keyOf(METRICS[name], labels))
      seriesOf(readers, name, labels, () => read)
    },
    read(name) {
      const { perUnit, labels } = METRICS[name]
      // What can be counted without a label is 0 until it was: a missing series looks like a fault.
      if (METRICS[name].kind === 'counter' && labels.length === 0) sumOf(name, NONE)
      const added = [...(sums.get(name)?.values() ?? [])].map((one) => ({
        labels: one.labels,
        value: (one.value[0] ?? 0) / perUnit,
      }))
      const watched = [...(readers.get(name)?.values() ?? [])].map((one) => ({
        labels: one.labels,
        value: one.value(),
      }))
      return [...added, ...watched]
    },
    readHistogram(name) {
      if (METRICS[name].labels.length === 0) histogramOf(name, NONE)
      return [...(histograms.get(name)?.values() ?? [])].map((one) => ({
        labels: one.labels,
        histogram: one.value,
      }))
    },
  }
}

function seriesOf<Value>(
  all: Map<MetricName, Map<string, Series<Value>>>,
  name: MetricName,
  labels: Labels,
  create: () => Value,
): Value {
  let ofName = all.get(name)
  if (!ofName) all.set(name, (ofName = new Map()))
  const key = keyOf(METRICS[name], labels)
  let series = ofName.get(key)
  if (!series) ofName.set(key, (series = { labels, value: create() }))
  return series.value
}

function keyOf({ labels: names }: MetricMeta, labels: Labels): string {
  return names.map((name) => labels[name] ?? '').join('\n')
}
