import type { ServerResponse } from 'node:http'
import { sendJson } from '../http/answers.ts'
import type { Readiness } from './readiness.ts'

export const LIVENESS_PATH = '/health'
export const READINESS_PATH = '/ready'

/**
 * For whoever decides whether to start this process anew: 200 as long as it answers at all, at once,
 * whatever the database does. What it says of the database is what was heard last.
 */
export function sendLiveness({ isDraining, database }: Readiness, res: ServerResponse): void {
  const status = isDraining ? 'draining' : database === 'connected' ? 'ok' : 'degraded'
  sendJson(res, 200, { status, db: database })
}

/** For whoever decides whether to send this process work: 200 or 503, and why. */
export async function sendReadiness(readiness: Readiness, res: ServerResponse): Promise<void> {
  const report = await readiness.check()
  sendJson(res, report.status === 'ready' ? 200 : 503, report)
}
