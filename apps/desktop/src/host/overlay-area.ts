import type { OverlayView } from '../api/desktop-state.ts'
import type { CaptionSink } from '../core/ports.ts'
import { OverlayError } from '../overlay/overlay-error.ts'
import type { OverlayServer } from '../overlay/overlay-server.ts'
import { startOverlayServer } from '../overlay/overlay-server.ts'

/** A port that is taken may be given back: tried again this often. */
const RETRY_MS = 3000

export interface OverlayArea {
  /** Moves the server there; captions go on. */
  listen(port: number): Promise<void>
  readonly sink: CaptionSink
  close(): Promise<void>
}

export interface OverlayAreaDeps {
  publish(view: OverlayView): void
  readonly log: (sentence: string) => void
}

/** The overlay's server, on whatever port the settings name now. */
export function createOverlayArea({ publish, log }: OverlayAreaDeps): OverlayArea {
  let server: OverlayServer | undefined
  let wanted: number | undefined
  let retry: NodeJS.Timeout | undefined
  let moving = Promise.resolve()

  async function move(port: number): Promise<void> {
    clearTimeout(retry)
    await server?.close()
    server = undefined
    if (wanted !== port) return
    try {
      server = await startOverlayServer({ port, log })
      publish({ url: server.url, problem: undefined, viewers: 0, fonts: [] })
    } catch (error) {
      if (!(error instanceof OverlayError)) throw error
      const problem = `Port ${port} is not to be had: close the program that has it, or choose another for the overlay in the settings.`
      publish({ url: undefined, problem, viewers: 0, fonts: [] })
      retry = setTimeout(() => void listen(port), RETRY_MS)
      retry.unref()
    }
  }

  async function listen(port: number): Promise<void> {
    wanted = port
    moving = moving.then(async () => move(port))
    await moving
  }

  return {
    listen,
    sink: { onEvent: (event, transcript) => server?.sink.onEvent(event, transcript) },
    async close() {
      wanted = undefined
      clearTimeout(retry)
      await moving
      await server?.close()
    },
  }
}
