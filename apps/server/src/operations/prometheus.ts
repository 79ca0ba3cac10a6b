import type { Histogram } from 'prom-client'
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'
import type { MetricMeta, MetricName, MetricNameOf } from './metric-catalogue.ts'
import { METRICS } from './metric-catalogue.ts'
import type { HistogramSample, Metrics } from './metrics.ts'

/** What Prometheus reads: the server's own figures, and those of its process. */
export interface PrometheusText {
  readonly contentType: string
  write(): Promise<string>
}

/** Figures stay where they are counted, and are read when somebody asks. */
export function createPrometheusText(metrics: Metrics): PrometheusText {
  const registry = new Registry()
  for (const name of Object.keys(METRICS) as MetricName[]) {
    registry.registerMetric(toLibrary(metrics, name))
  }
  collectDefaultMetrics({ register: registry })
  return { contentType: registry.contentType, write: async () => registry.metrics() }
}

function toLibrary(metrics: Metrics, name: MetricName): Counter | Gauge | Histogram {
  const meta: MetricMeta = METRICS[name]
  const options = { name, help: meta.help, labelNames: [...meta.labels], registers: [] }
  switch (meta.kind) {
    case 'counter':
      return new Counter({
        ...options,
        collect() {
          this.reset()
          for (const one of metrics.read(name)) this.inc(one.labels, one.value)
        },
      })
    case 'gauge':
      return new Gauge({
        ...options,
        collect() {
          this.reset()
          for (const one of metrics.read(name)) this.set(one.labels, one.value)
        },
      })
    case 'histogram':
      return histogramOf(name, meta, () => metrics.readHistogram(name as MetricNameOf<'histogram'>))
  }
}

/**
 * The library's own histogram can only be fed one value at a time, and allocates for each. A
 * registry asks its metrics for nothing but this.
 */
function histogramOf(
  name: string,
  { help, perUnit }: MetricMeta,
  read: () => readonly HistogramSample[],
): Histogram {
  const type = 'histogram'
  const get = async () => ({
    name,
    help,
    type,
    values: read().flatMap((sample) => linesOf(name, perUnit, sample)),
  })
  return { name, help, type, get } as unknown as Histogram
}

function linesOf(name: string, perUnit: number, { labels, histogram }: HistogramSample) {
  const { bounds, counts, sum } = histogram
  const lines: { metricName: string; labels: object; value: number }[] = []
  let total = 0
  counts.forEach((count, i) => {
    total += count
    const bound = bounds[i]
    const le = bound === undefined ? '+Inf' : bound / perUnit
    lines.push({ metricName: `${name}_bucket`, labels: { ...labels, le }, value: total })
  })
  lines.push({ metricName: `${name}_sum`, labels, value: sum / perUnit })
  lines.push({ metricName: `${name}_count`, labels, value: total })
  return lines
}
