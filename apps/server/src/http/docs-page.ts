import { createHash } from 'node:crypto'
import {
  CLOSE_CODE_BY_ERROR,
  clientMessageSchema,
  serverMessageSchema,
  TRANSCRIBE_PATH,
} from '@saywire/protocol'
import { z } from 'zod'
import type { OpenAPIObject } from './openapi-document.ts'

/** A page and the Content-Security-Policy under which it works: its own style, and nothing else. */
export interface Page {
  readonly html: string
  readonly contentSecurityPolicy: string
}

/** What is read of a JSON Schema. */
interface Schema {
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly description?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly oneOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
}
interface Operation {
  readonly summary?: string
  readonly security?: unknown
  readonly requestBody?: { readonly content?: Content }
  readonly responses?: Readonly<Record<string, { description?: string; content?: Content }>>
}
type Content = Readonly<Record<string, { readonly schema?: Schema }>>

const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d8dbe0, #3a3f47); --dim: light-dark(#5b626d, #a0a7b2); --tint: light-dark(#f5f6f8, #1b1e23) }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 2rem 1rem 4rem; background: light-dark(#fff, #14161a); color: light-dark(#1a1d21, #e6e8eb) }
h1 { margin-bottom: 0 } h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line) }
section { border: 1px solid var(--line); border-radius: .5rem; padding: .25rem 1rem 1rem; margin: 1rem 0; background: var(--tint) }
h3 { font: 600 1rem ui-monospace, monospace; margin: .75rem 0 .25rem } p { margin: .4rem 0 }
table { border-collapse: collapse; width: 100%; font-size: .875rem; margin: .25rem 0 } td { padding: .2rem .75rem .2rem 0; vertical-align: top; border-top: 1px solid var(--line) }
td:first-child { white-space: nowrap; width: 14rem } code, pre { font-family: ui-monospace, monospace; font-size: .875em } small, .dim { color: var(--dim) } .scroll { overflow-x: auto }`

/** The API for people: REST from its OpenAPI document, the audio WebSocket from its schemas. */
export function createDocsPage(document: OpenAPIObject): Page {
  const paths = (document.paths ?? {}) as Record<string, Record<string, Operation>>
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => operationHtml(method, path, operation)),
  )
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Saywire API</title><style>${STYLE}</style></head><body>
<h1>Saywire API</h1>
<p class="dim">${escape(document.info.description ?? '')} <a href="/openapi.json">openapi.json</a></p>
<p>Log in for an access token (15 minutes) and a refresh token (30 days, for one use). Send the
access token as <code>Authorization: Bearer …</code>. An error is
<code>{"error": {"code", "message", …}}</code>. The same procedures are served by tRPC at
<code>/trpc</code>, over HTTP and over WebSocket (<code>connectionParams: {token}</code>), with the
subscriptions <code>billing.onBalance</code>, the caller’s credit, and <code>sessions.onLive</code>,
what runs right now.</p>
<h2>REST</h2>${operations.join('')}
<h2>Audio: WebSocket <code>${TRANSCRIBE_PATH}</code></h2>
<p>Text messages are JSON; binary messages are audio: PCM, 16 bit little-endian, 16 kHz, mono.
Send <code>auth</code> first, audio after <code>ready</code>, and <code>stop</code> to get the last
words. Times are milliseconds of audio since the session’s first sample.</p>
<h3>Client → server</h3>${messagesHtml(clientMessageSchema)}
<h3>Server → client</h3>${messagesHtml(serverMessageSchema)}
<h3>Close codes</h3><section class="scroll"><table>${closeCodesHtml()}</table></section>
</body></html>`
  const style = createHash('sha256').update(STYLE).digest('base64')
  return {
    html,
    contentSecurityPolicy: `default-src 'none'; style-src 'sha256-${style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  }
}

function operationHtml(method: string, path: string, operation: Operation): string {
  const answers = Object.entries(operation.responses ?? {}).map(
    ([status, { description, content }]) => {
      const fields = Number(status) < 400 ? fieldsHtml(schemaOf(content)) : ''
      return `<p><code>${status}</code> <small>${escape(description ?? '')}</small></p>${fields}`
    },
  )
  return `<section class="scroll"><h3>${method.toUpperCase()} ${escape(path)}</h3>
<p>${escape(operation.summary ?? '')}${operation.security ? ' <small>(access token)</small>' : ''}</p>
${fieldsHtml(schemaOf(operation.requestBody?.content))}${answers.join('')}</section>`
}

function messagesHtml(schema: z.ZodType): string {
  const { oneOf = [] } = z.toJSONSchema(schema, { io: 'input' }) as Schema
  return oneOf
    .map((message) => {
      const { type, ...fields } = message.properties ?? {}
      return `<section class="scroll"><h3>${escape(String(type?.const))}</h3>${fieldsHtml({ ...message, properties: fields })}</section>`
    })
    .join('')
}

function closeCodesHtml(): string {
  const codes = Object.entries(CLOSE_CODE_BY_ERROR)
  return [['done', 1000], ['auth timeout', 4408], ...codes]
    .map(([name, code]) => `<tr><td><code>${code}</code></td><td>${name}</td></tr>`)
    .join('')
}

function schemaOf(content: Content | undefined): Schema | undefined {
  return content?.['application/json']?.schema
}

function fieldsHtml(schema: Schema | undefined, prefix = ''): string {
  const rows = fieldRows(schema, prefix)
  return rows === '' ? '' : `<table>${rows}</table>`
}

function fieldRows(schema: Schema | undefined, prefix: string): string {
  return Object.entries(schema?.properties ?? {})
    .map(([name, field]) => {
      const optional = schema?.required?.includes(name) ? '' : ' <small>optional</small>'
      const inner = field.items?.properties ? field.items : field
      const row = `<tr><td><code>${escape(prefix + name)}</code></td><td>${escape(typeName(field))}${optional} <small>${escape(field.description ?? '')}</small></td></tr>`
      return row + fieldRows(inner, `${prefix}${name}${field.items ? '[]' : ''}.`)
    })
    .join('')
}

function typeName(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return choices.map(typeName).join(' | ')
  if (schema.items) return `${typeName(schema.items)}[]`
  const { type = 'any', minLength = 0, maxLength } = schema
  const types = [type].flat().join(' | ')
  return maxLength === undefined ? types : `${types} of ${minLength}–${maxLength} characters`
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
