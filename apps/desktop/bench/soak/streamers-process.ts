import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { once } from 'node:events'
import type { Backstage } from '../faults/backstage.ts'
import { probeEnv } from './probe.ts'
import type { FromStreamers, Streamer, StreamersCount, ToStreamers } from './streamers.ts'

const PROGRAM = fileURLToPath(new URL('streamers.ts', import.meta.url))

/** The process of the streamers, seen from outside. */
export interface StreamersProcess extends AsyncDisposable {
  readonly process: ChildProcess
  begin(streamers: readonly Streamer[]): void
  count(): Promise<StreamersCount>
  /** Resolves with the last count when every session has ended. */
  stop(): Promise<StreamersCount>
}

export async function startStreamers(backstage: Backstage): Promise<StreamersProcess> {
  const child = fork(PROGRAM, {
    execArgv: ['--import', import.meta.resolve('tsx')],
    env: { ...process.env, ...probeEnv },
  })
  const exited = once(child, 'exit')
  const say = (message: ToStreamers): void => void child.send(message)
  const next = async <Type extends FromStreamers['type']>(
    type: Type,
  ): Promise<Extract<FromStreamers, { type: Type }>> =>
    new Promise((resolve, reject) => {
      const listen = (message: FromStreamers): void => {
        if (message.type !== type) return
        child.off('message', listen)
        resolve(message as Extract<FromStreamers, { type: Type }>)
      }
      child.on('message', listen)
      void exited.then(() => reject(new Error('The process of the streamers has ended.')))
    })
  child.on('message', (message: FromStreamers) => {
    if (message.type !== 'ask-token') return
    void backstage.issueToken(message.userId).then((token) => {
      if (child.connected) say({ type: 'token', id: message.id, token })
    })
  })
  await next('stopped')

  return {
    process: child,
    begin: (streamers) => say({ type: 'begin', streamers }),
    async count() {
      const counted = next('count')
      say({ type: 'count' })
      return counted
    },
    async stop() {
      const counted = next('count')
      const stopped = next('stopped')
      say({ type: 'stop' })
      await stopped
      return counted
    },
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect()
      await exited
    },
  }
}
