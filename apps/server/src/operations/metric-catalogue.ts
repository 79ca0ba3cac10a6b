import { BYTES_PER_MS } from '@saywire/protocol'

/** What one metric is. Its label values come from small closed sets: never a user, an id or a path. */
export interface MetricMeta {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
  /** What is counted, in units of what is published: 1000 for ms that are published as seconds. */
  readonly perUnit: number
  /** Of a histogram, in what is counted. */
  readonly bounds: readonly number[]
}

const counter = (help: string, ...labels: string[]) =>
  ({ kind: 'counter', help, labels, perUnit: 1, bounds: [] }) as const
const gauge = (help: string, ...labels: string[]) =>
  ({ kind: 'gauge', help, labels, perUnit: 1, bounds: [] }) as const
const bytesAsSeconds = (help: string) =>
  ({ kind: 'counter', help, labels: [], perUnit: BYTES_PER_MS * 1000, bounds: [] }) as const
const msAsSeconds = (help: string) =>
  ({ kind: 'counter', help, labels: [], perUnit: 1000, bounds: [] }) as const
const timesMs = (help: string, bounds: readonly number[], ...labels: string[]) =>
  ({ kind: 'histogram', help, labels, perUnit: 1000, bounds }) as const

/** In ms: work within this process; a round to the database; what people wait for. */
const TINY = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 50, 250, 1000]
const SHORT = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10_000]
const LONG = [50, 100, 250, 500, 750, 1000, 1500, 2500, 5000, 10_000, 30_000, 120_000]

/** Every metric of ours, by its name in Prometheus. The README's table is made of it. */
export const METRICS = {
  saywire_sessions_live: gauge('Audio sessions: `opening`, `connected` or `parked`.', 'state'),
  saywire_event_loop_load: gauge(
    'Share of the last seconds in which this process was at work, 0–1: it takes no new sessions above 0.5.',
  ),
  saywire_sessions_opened_total: counter(
    'Sessions that began here: `new`, or `resumed` from another process.',
    'how',
  ),
  saywire_sessions_ended_total: counter('Sessions that ended here, by reason.', 'reason'),
  saywire_sessions_parked_total: counter('Clients that were cut off.'),
  saywire_sessions_resumed_total: counter('Clients that came back to their session here.'),
  saywire_audio_received_seconds_total: bytesAsSeconds('Audio that clients sent.'),
  saywire_audio_forwarded_seconds_total: bytesAsSeconds('Audio handed to the speech backend.'),
  saywire_audio_billed_seconds_total: bytesAsSeconds('Of that, audio that is billed.'),
  saywire_audio_given_back_seconds_total: msAsSeconds(
    'Billed audio that was not charged in the end: no backend took it, or its words never came.',
  ),
  saywire_audio_replay_cost_seconds_total: msAsSeconds(
    'Audio that backends were sent again because one was lost: the host pays it.',
  ),
  saywire_frame_forward_seconds: timesMs(
    'From a message of audio to the backend’s `write`, also where it waited for credit.',
    TINY,
  ),
  saywire_first_transcript_seconds: timesMs(
    'From a session’s first audio to its first words; silence counts.',
    LONG,
  ),
  saywire_transcript_lag_seconds: timesMs(
    'How far interim words are behind the audio that has arrived.',
    LONG,
  ),
  saywire_settle_seconds: timesMs(
    'From a session’s end to its place in the books, also where that had to be put off.',
    SHORT,
  ),
  saywire_settlements_waiting: gauge('Ended sessions that are not in the books yet.'),
  saywire_heartbeat_seconds: timesMs('One heartbeat, for all leases of this process.', SHORT),
  saywire_heartbeat_failures_total: counter('Heartbeats that the database did not take.'),
  saywire_leases: gauge('Leases that this process keeps.'),
  saywire_upstream_dials_total: counter(
    'Backends that were dialled: `opened`, `failed` or `given_up`.',
    'outcome',
  ),
  saywire_upstream_dial_seconds: timesMs('Time of dials that opened.', SHORT),
  saywire_upstream_errors_total: counter('Dials that failed and backends that were lost.', 'kind'),
  saywire_upstream_replacements_total: counter('Lost backends that were replaced.'),
  saywire_upstream_streams: gauge(
    'Places at the backend: `open`, `dialling`, and `waiting` for a turn.',
    'state',
  ),
  saywire_upstream_streams_max: gauge('Places at the backend that there are.'),
  saywire_sockets: gauge('Open WebSockets: `transcribe`, `trpc`.', 'kind'),
  saywire_sockets_refused_total: counter(
    'WebSockets that were refused, before or after the upgrade, by error code.',
    'code',
  ),
  saywire_http_requests_total: counter('Requests by route.', 'method', 'route', 'status'),
  saywire_http_request_seconds: timesMs('Until the answer has left, by route.', SHORT, 'route'),
  saywire_calls_total: counter('tRPC procedures, over any transport.', 'procedure', 'code'),
  saywire_call_seconds: timesMs('Time of procedures.', SHORT, 'procedure'),
  saywire_database_connections: gauge('Connections: `used`, `idle`; `waiting` calls.', 'state'),
  saywire_database_up: gauge('1 where the database answered when it was last asked.'),
  saywire_draining: gauge('1 once the server was told to end.'),
} as const satisfies Record<string, MetricMeta>

export type MetricName = keyof typeof METRICS
export type MetricNameOf<Kind extends MetricMeta['kind']> = {
  [Name in MetricName]: (typeof METRICS)[Name]['kind'] extends Kind ? Name : never
}[MetricName]

/** The table of the README. A test fails when the two differ. */
export function metricsTableMarkdown(): string {
  const rows = Object.entries(METRICS).map(
    ([name, { kind, labels, help }]) =>
      `| \`${name}\` | ${kind} | ${labels.join(', ')} | ${help} |`,
  )
  return ['| metric | kind | labels | |', '| --- | --- | --- | --- |', ...rows].join('\n')
}
