import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import type { OpenApiRouter } from 'trpc-to-openapi'
import { createOpenApiNodeHttpHandler } from 'trpc-to-openapi'
import type { ApiError } from '../api/api-errors.ts'
import type { InnerContext } from '../api/context.ts'
import { trailOf } from '../operations/request-log.ts'
import { sendError, sendJson } from './answers.ts'
import type { ReadCaller } from './caller.ts'
import { readJsonBody } from './json-body.ts'

export type RestHandler = (req: IncomingMessage, res: ServerResponse) => Promise<void>

/**
 * The router's procedures at their REST paths. trpc-to-openapi finds and calls them; its answers
 * are caught on their way out, because its errors have another shape than ours. The node adapter
 * is used, not the standalone one: that one hides the request behind a fetch `Request`, in which
 * `headers.authorization` is silently undefined.
 */
export function createRestHandler(deps: {
  readonly router: OpenApiRouter
  readonly context: InnerContext
  readonly readCaller: ReadCaller
  readonly log: Pick<Logger, 'error'>
}): RestHandler {
  const callProcedure = createOpenApiNodeHttpHandler({
    router: deps.router,
    createContext: ({ req }: { req: IncomingMessage }) => ({
      ...deps.context,
      caller: deps.readCaller(req),
    }),
    onError: ({ error, req }: { error: Error & { code: string }; req: IncomingMessage }) => {
      if (error.code !== 'INTERNAL_SERVER_ERROR') return
      const { log } = trailOf(req) ?? deps
      log.error({ err: error }, 'request failed')
    },
  })

  return async (req, res) => {
    const body = await readJsonBody(req)
    const request = Object.assign(req, { body: body ?? {} })
    let status = 200
    const catcher = {
      set statusCode(code: number) {
        status = code
      },
      setHeader: () => undefined,
      once: res.once.bind(res),
      off: res.off.bind(res),
      get writableEnded() {
        return res.writableEnded
      },
      end: (text: string) => {
        const answer = JSON.parse(text) as { data?: { error?: ApiError } }
        const error = status >= 400 ? answer.data?.error : undefined
        if (error) sendError(res, error)
        else sendJson(res, status, answer)
      },
    }
    await callProcedure(request, catcher as unknown as ServerResponse, () =>
      sendError(res, { code: 'not_found', message: 'There is nothing here. See /docs.' }),
    )
  }
}
