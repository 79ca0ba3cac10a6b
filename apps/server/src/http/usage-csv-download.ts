import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { InnerContext } from '../api/context.ts'
import { requireIdentity } from '../api/identify.ts'
import { usageCsv } from '../usage/usage-csv.ts'
import type { ReadCaller } from './caller.ts'

export const USAGE_CSV_PATH = '/account/usage.csv'

/**
 * The caller's sessions as a file. Not a tRPC procedure, because it goes out in pieces, as fast as
 * the client takes it.
 * @throws AppError `unauthenticated`
 */
export async function sendUsageCsv(
  { context, readCaller }: { readonly context: InnerContext; readonly readCaller: ReadCaller },
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const { userId } = await requireIdentity({ ...context, caller: readCaller(req) })
  const pieces = usageCsv(context.sessionList, userId)
  // Read before anything is sent: a database that is away still gets its own answer.
  const header = await pieces.next()
  const firstPage = await pieces.next()
  res.writeHead(200, {
    'content-type': 'text/csv; charset=utf-8; header=present',
    'content-disposition': 'attachment; filename="saywire-usage.csv"',
  })
  if (req.method === 'HEAD') return void res.end()
  res.write(`${header.value ?? ''}${firstPage.value ?? ''}`)
  // Where a later page fails the connection is cut, so that no half of a file looks whole.
  await pipeline(Readable.from(pieces), res).catch((error: unknown) => {
    if (!isClientGone(error)) throw error
  })
}

function isClientGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'
}
