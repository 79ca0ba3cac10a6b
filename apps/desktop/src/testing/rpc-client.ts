import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { HostMessage } from '../api/rpc-messages.ts'

export interface RpcClient {
  /** @throws Error with the message that a user would see; its `code` is the stable one */
  call<T = unknown>(type: 'query' | 'mutation', path: string, input?: unknown): Promise<T>
  /** Puts everything that a subscription says into `values`. @returns stops it */
  subscribe(path: string, values: unknown[]): () => void
  close(): void
}

/** A window's end of the contract, without a window. */
export async function connectRpc(url: string): Promise<RpcClient> {
  const ws = new WebSocket(url)
  const listeners = new Map<number, (message: HostMessage) => void>()
  let nextId = 1
  ws.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as HostMessage
    listeners.get(message.id)?.(message)
  })
  await once(ws, 'open')
  const send = (message: object) => ws.send(JSON.stringify(message))
  return {
    async call<T>(type: 'query' | 'mutation', path: string, input?: unknown): Promise<T> {
      const id = nextId++
      return new Promise<T>((resolve, reject) => {
        listeners.set(id, (message) => {
          listeners.delete(id)
          if (message.type === 'data') return resolve(message.data as T)
          const error = message.type === 'error' ? message.error : { message: 'It ended.' }
          reject(Object.assign(new Error(error.message), error))
        })
        send({ id, type, path, input })
      })
    },
    subscribe(path, values) {
      const id = nextId++
      let taken = 0
      listeners.set(id, (message) => {
        if (message.type !== 'data') return
        values.push(message.data)
        send({ id, type: 'taken', values: (taken += 1) })
      })
      send({ id, type: 'subscription', path })
      return () => send({ id, type: 'stop' })
    },
    close: () => ws.terminate(),
  }
}
