import type { OpenAPIObject } from 'trpc-to-openapi'
import { generateOpenApiDocument } from 'trpc-to-openapi'
import { z } from 'zod'
import { apiErrorSchema } from '../api/api-errors.ts'
import { appRouter } from '../api/router.ts'
import { LIVENESS_PATH, READINESS_PATH } from '../operations/probe-pages.ts'
import { USAGE_CSV_PATH } from './usage-csv-download.ts'

export type { OpenAPIObject } from 'trpc-to-openapi'

const errorSchema = z.toJSONSchema(z.object({ error: apiErrorSchema }))

const database = { enum: ['connected', 'disconnected'] }

const healthPath = {
  get: {
    operationId: 'health',
    summary: 'That the server lives; what it says of the database may be a second old',
    tags: ['health'],
    responses: {
      200: answer('it answers', {
        status: { enum: ['ok', 'degraded', 'draining'] },
        db: database,
      }),
    },
  },
}

const speech = { enum: ['ok', 'full', 'preparing', 'failing', 'held_back', 'refused'] }

const readyPath = {
  get: {
    operationId: 'ready',
    summary: 'Whether the server can take on work, and which part keeps it from that',
    tags: ['health'],
    responses: {
      200: answer('ready', { status: { const: 'ready' }, database, speech }),
      503: answer('send work elsewhere', {
        status: { enum: ['not_ready', 'draining'] },
        database,
        speech,
      }),
    },
  },
}

const usageCsvPath = {
  get: {
    operationId: 'account-usage-csv',
    summary: 'All sessions as a CSV file',
    tags: ['account'],
    security: [{ Authorization: [] }],
    responses: {
      200: {
        description: 'One row per session, newest first',
        content: { 'text/csv': { schema: { type: 'string' } } },
      },
      401: { description: 'unauthenticated' },
    },
  },
}

/** The REST half of the API (OpenAPI 3.1), from the procedures themselves. */
export function createOpenApiDocument(): OpenAPIObject {
  const document = generateOpenApiDocument(appRouter, {
    title: 'Saywire',
    description: 'Live captions: accounts, prepaid audio, and speech to text.',
    version: '1',
    baseUrl: '/',
  })
  const ownPaths = {
    [USAGE_CSV_PATH]: usageCsvPath,
    [LIVENESS_PATH]: healthPath,
    [READINESS_PATH]: readyPath,
  }
  for (const path of Object.values(document.paths ?? {})) {
    for (const operation of [path.get, path.post, path.delete])
      describeErrors(operation?.responses ?? {})
  }
  return {
    ...document,
    paths: { ...document.paths, ...ownPaths },
    components: { ...document.components, schemas: { Error: errorSchema } },
  } as OpenAPIObject
}

/** The generator describes the errors that it would send itself; ours have another shape. */
function describeErrors(responses: Record<string, unknown>): void {
  for (const [status, response] of Object.entries(responses)) {
    if (Number(status) < 400) continue
    const { description } = response as { description: string }
    const schema = { $ref: '#/components/schemas/Error' }
    responses[status] = { description, content: { 'application/json': { schema } } }
  }
}

function answer(description: string, properties: Record<string, object>) {
  const schema = { type: 'object', properties }
  return { description, content: { 'application/json': { schema } } }
}
