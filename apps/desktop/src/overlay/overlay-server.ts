import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import type { NamedOverlay } from '@saywire/overlay'
import { noCaptions, overlayStyleSchema } from '@saywire/overlay'
import type { PaintedCaption } from '../core/latency.ts'
import type { CaptionSink } from '../core/ports.ts'
import { createCaptionStream } from './caption-stream.ts'
import { createFontStore } from './font-store.ts'
import { listen } from './listen.ts'
import { readOverlayFiles } from './overlay-files.ts'
import { createOverlayRoutes } from './overlay-routes.ts'
import { overlayState } from './overlay-state.ts'
import { createPaintLog } from './paint-log.ts'

const PORT_DEFAULT = 8080
/** Seen from the sources and from the bundle in dist/main alike. */
const PAGE_FOLDER = fileURLToPath(new URL('../../dist/overlay', import.meta.url))
const ONE_OVERLAY: readonly NamedOverlay[] = [{ name: 'main', style: overlayStyleSchema.parse({}) }]

export interface OverlayServerOptions {
  /** 1–65,535, or 0 for any free one; 8080 where it is left out. */
  readonly port?: number
  /** At least one, each name once; one in the default style where they are left out. */
  readonly overlays?: readonly NamedOverlay[]
  /** Folder of the uploaded fonts (`createFontStore`); none are served where it is left out. */
  readonly fontsDir?: string
  /** Folder of the built page; the app's own where it is left out. */
  readonly pageDir?: string
  /** A page has painted a caption; on the clock of `performance.now()`. Each page tells its own. */
  readonly onPaint?: (paint: PaintedCaption) => void
  /** Told once, in one sentence, when another web site tried to read the captions. */
  readonly log?: (sentence: string) => void
  /** Each page must answer a ping so often; one that does not is cut off after three. Default: 5000 ms. */
  readonly pingMs?: number
  /** Event ids start with it; random where it is left out. */
  readonly runId?: string
}

export interface OverlayServer {
  /** What a streamer gives OBS as the address of a browser source: the first overlay. */
  readonly url: string
  /** The address of the overlay of this name. */
  urlOf(name: string): string
  /** Pages that are open. */
  readonly viewers: number
  /**
   * Shows on every open page what it is told. `close` only says that this captioning is over: what
   * is shown fades, and the next one may begin.
   */
  readonly sink: CaptionSink
  /** Takes the captions off every page. */
  clear(): void
  /** Applies looks on open pages at once. At least one overlay, each name once. */
  update(overlays: readonly NamedOverlay[]): void
  /**
   * Moves to another port; the sink stays. Pages of the old port lose their connection.
   * @throws OverlayError where it cannot be had: everything then is as it was
   */
  moveTo(port: number): Promise<void>
  /** Ends every stream at once and frees the port. Pages connect again when a server is back. */
  close(): Promise<void>
}

/**
 * Serves the caption overlays to this machine, for the browser sources of OBS.
 * @throws OverlayError where the port cannot be had or the page was not built
 */
export async function startOverlayServer(
  options: OverlayServerOptions = {},
): Promise<OverlayServer> {
  const { port = PORT_DEFAULT, log, onPaint = () => undefined, fontsDir } = options
  const files = await readOverlayFiles(options.pageDir ?? PAGE_FOLDER)
  const now = () => performance.now()
  const { runId = randomUUID() } = options
  const stream = createCaptionStream({ runId, now, pingMs: options.pingMs })
  const paintLog = createPaintLog(onPaint)
  const fonts = fontsDir === undefined ? undefined : createFontStore(fontsDir)
  let overlays = options.overlays ?? ONE_OVERLAY
  stream.setOverlays(overlays)

  let foreignerTold = false
  function onForeigner(): void {
    if (foreignerTold) return
    foreignerTold = true
    log?.('Another web site tried to read the captions from the overlay; it got nothing.')
  }

  const routes = createOverlayRoutes({
    files,
    fonts,
    stream,
    paintLog,
    overlays: () => overlays,
    now,
    onForeigner,
  })
  const create = () => createServer(routes.onRequest).on('upgrade', routes.onUpgrade)
  let listening = await listen(create, port)

  function publish(captions: typeof stream.captions): void {
    const eventId = stream.publish(captions)
    if (eventId !== undefined) paintLog.published(eventId, captions, now())
  }

  return {
    get url() {
      return `http://127.0.0.1:${listening.port}/`
    },
    get viewers() {
      return stream.viewers
    },
    urlOf: (name) => `http://127.0.0.1:${listening.port}/o/${name}`,
    sink: {
      onEvent: (_event, transcript) => publish(overlayState(stream.captions, transcript, now())),
      close: () => Promise.resolve(publish({ ...stream.captions, ended: true })),
    },
    clear: () => publish(noCaptions),
    update(next) {
      overlays = next
      stream.setOverlays(next)
    },
    async moveTo(port) {
      if (port === listening.port) return
      const before = listening
      listening = await listen(create, port)
      stream.endAll()
      await before.close()
    },
    async close() {
      stream.endAll()
      await listening.close()
    },
  }
}
