import { createConnection } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const FLOOD_EVERY_MS = 50

/** What became of the attempts of a flood, by status; `0`: no answer. */
export type FloodAnswers = Readonly<Record<string, number>>

export interface Flood {
  end(): Promise<FloodAnswers>
}

/** Logs in with wrong passwords, so many times a second, as if from many addresses. */
export function floodLogins(url: string, perS: number): Flood {
  const answers: Record<string, number> = {}
  const running = new Set<Promise<void>>()
  let isOver = false
  let attempts = 0

  async function attempt(): Promise<void> {
    attempts += 1
    const response = await fetch(`${url}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: `nobody${attempts}@example.org`, password: 'wrong horse' }),
      signal: AbortSignal.timeout(10_000),
    }).catch(() => undefined)
    await response?.arrayBuffer().catch(() => undefined)
    const status = String(response?.status ?? 0)
    answers[status] = (answers[status] ?? 0) + 1
  }

  async function flow(): Promise<void> {
    const beganMs = performance.now()
    while (!isOver) {
      const due = ((performance.now() - beganMs) / 1000) * perS
      while (attempts < due) {
        const one = attempt().finally(() => running.delete(one))
        running.add(one)
      }
      await sleep(FLOOD_EVERY_MS)
    }
    await Promise.all(running)
  }

  const flowing = flow()
  return {
    async end() {
      isOver = true
      await flowing
      return answers
    },
  }
}

/** Connects so many times without ever finishing a request; whoever is cut off connects again. */
export function hangHandshakes(url: string, count: number): Flood {
  const { hostname, port } = new URL(url)
  const sockets = new Set<Socket>()
  const answers: Record<string, number> = { connected: 0, 'cut off': 0 }
  let isOver = false

  function add(name: string): void {
    answers[name] = (answers[name] ?? 0) + 1
  }

  function hang(): void {
    const socket = createConnection({ host: hostname, port: Number(port) })
    sockets.add(socket)
    socket.on('connect', () => {
      add('connected')
      socket.write(`GET /ws/transcribe HTTP/1.1\r\nhost: ${hostname}\r\nupgrade: websocket\r\n`)
    })
    socket.on('error', () => undefined)
    socket.on('data', () => undefined)
    socket.on('close', () => {
      sockets.delete(socket)
      if (isOver) return
      add('cut off')
      setTimeout(() => !isOver && hang(), FLOOD_EVERY_MS)
    })
  }

  for (let i = 0; i < count; i++) hang()
  return {
    async end() {
      isOver = true
      for (const socket of sockets) socket.destroy()
      return answers
    },
  }
}
