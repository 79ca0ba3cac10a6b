import { systemPreferences } from 'electron'
import type { Log } from '../logs.ts'
import type { UtilityChild } from '../utility-child.ts'
import { startChild } from '../utility-child.ts'
import type { KeyReply, KeyRequest } from './key-messages.ts'

const READY_TIMEOUT_MS = 10_000

/** Tells when the key that was just pressed goes up. */
export interface KeyWatcher {
  watch(released: () => void): void
  close(): void
}

/** @returns undefined where this system does not let programs see keys that other windows get */
export async function watchKeysOn(options: {
  readonly isWayland: boolean
  readonly log: Log
}): Promise<KeyWatcher | undefined> {
  if (options.isWayland) return undefined
  // Asks the user, who has to allow it in the system's settings.
  const isMac = process.platform === 'darwin'
  if (isMac && !systemPreferences.isTrustedAccessibilityClient(true)) return undefined
  return startKeyWatcher(startChild('key-process.js', 'Saywire keys', []), options.log)
}

async function startKeyWatcher(child: UtilityChild, log: Log): Promise<KeyWatcher | undefined> {
  let seq = 0
  let released: (() => void) | undefined
  const release = () => {
    released?.()
    released = undefined
  }
  const isReady = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), READY_TIMEOUT_MS)
    child.onMessage((message) => {
      const reply = message as KeyReply
      if (reply.type === 'released') {
        if (reply.how === 'blind')
          log('warning', 'Keys cannot be seen: push-to-talk let go at once.')
        if (reply.seq === seq) release()
        return
      }
      clearTimeout(timer)
      if (reply.type === 'failed') log('warning', `Keys cannot be seen: ${reply.reason}`)
      resolve(reply.type === 'ready')
    })
    child.onExit((reason) => {
      resolve(false)
      // The microphone must not stay open because nobody sees the key any more.
      release()
      log('info', `The process that sees keys ended (${reason}).`)
    })
  })
  if (!isReady) {
    child.kill()
    return undefined
  }
  return {
    watch(next) {
      released = next
      child.post({ type: 'watch', seq: ++seq } satisfies KeyRequest)
    },
    close: child.kill,
  }
}
