import type { Socket } from 'node:net'
import { connect } from 'node:net'
import type { HttpAnswer } from './http-answers.ts'
import { createAnswerReader } from './http-answers.ts'

/** One request, ready for the wire. */
export interface HttpCase {
  readonly bytes: Buffer
  readonly isHead: boolean
  /** Where its own end cannot be told from its bytes, it has a connection for itself. */
  readonly isBroken: boolean
}

/** What came back; undefined: the connection ended without an answer. */
export type OnHttpAnswer = (sent: HttpCase, answer: HttpAnswer | undefined) => void

/** Requests on their way on one connection. */
const DEPTH = 16
/** The server ends a connection after 1,000 requests; what is on its way then would be lost. */
const REQUESTS_PER_CONNECTION = 900
const ANSWER_TIMEOUT_MS = 30_000
/** A broken request may make the server wait for more. */
const BROKEN_TIMEOUT_MS = 1500

/**
 * Sends all cases over so many connections at once, pipelined.
 * @param take the next case; undefined: there is none any more
 */
export async function exchangeHttp(
  url: string,
  connections: number,
  take: () => HttpCase | undefined,
  onAnswer: OnHttpAnswer,
): Promise<void> {
  await Promise.all(
    Array.from({ length: connections }, async () => {
      let batch: HttpCase[] = []
      for (;;) {
        while (batch.length < DEPTH) {
          const one = take()
          if (!one) break
          if (one.isBroken) await sendBroken(url, one, onAnswer)
          else batch.push(one)
        }
        if (batch.length === 0) return
        batch = await sendPipelined(url, batch, take, onAnswer)
      }
    }),
  )
}

/** @returns what was sent in vain, because the connection ended before its turn */
async function sendPipelined(
  url: string,
  first: readonly HttpCase[],
  take: () => HttpCase | undefined,
  onAnswer: OnHttpAnswer,
): Promise<HttpCase[]> {
  const socket = open(url)
  const reader = createAnswerReader()
  const waiting = [...first]
  let sent = first.length
  let answered = 0
  let broken: HttpCase | undefined
  let isOver = false

  function refill(): void {
    const more: Buffer[] = []
    while (!broken && !isOver && waiting.length < DEPTH && sent < REQUESTS_PER_CONNECTION) {
      const one = take()
      if (!one) break
      if (one.isBroken) broken = one
      else {
        waiting.push(one)
        more.push(one.bytes)
        sent += 1
      }
    }
    if (more.length > 0) socket.write(Buffer.concat(more))
    if (waiting.length === 0) socket.end()
  }

  socket.setTimeout(ANSWER_TIMEOUT_MS, () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    reader.push(chunk)
    while (waiting[0]) {
      const answer = reader.next(waiting[0].isHead)
      if (!answer) break
      if (/\r\nconnection: close/i.test(answer.head)) isOver = true
      answered += 1
      onAnswer(waiting.shift() as HttpCase, answer)
    }
    if (waiting.length < DEPTH / 2) refill()
  })
  socket.write(Buffer.concat(first.map(({ bytes }) => bytes)))
  await closed(socket)
  // A head that cannot be read ends the connection at once, with the answers to those before it.
  if (answered === 0) {
    const [one] = waiting.splice(0, 1)
    if (one && first.length > 1) await sendPipelined(url, [one], () => undefined, onAnswer)
    else if (one) onAnswer(one, undefined)
  }
  if (broken) await sendBroken(url, broken, onAnswer)
  return waiting
}

async function sendBroken(url: string, one: HttpCase, onAnswer: OnHttpAnswer): Promise<void> {
  const socket = open(url)
  const reader = createAnswerReader()
  let count = 0
  socket.setTimeout(BROKEN_TIMEOUT_MS, () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    reader.push(chunk)
    for (let answer = reader.next(one.isHead); answer; answer = reader.next(one.isHead)) {
      count += 1
      onAnswer(one, answer)
    }
  })
  socket.end(one.bytes)
  await closed(socket)
  if (count === 0) onAnswer(one, undefined)
}

function open(url: string): Socket {
  const { port, hostname } = new URL(url)
  const host = hostname === 'localhost' ? '127.0.0.1' : hostname
  // A reset is an answer, too: what counts is that the connection ends.
  return connect(Number(port), host).on('error', () => undefined)
}

async function closed(socket: Socket): Promise<void> {
  await new Promise<void>((resolve) => socket.once('close', () => resolve()))
}
