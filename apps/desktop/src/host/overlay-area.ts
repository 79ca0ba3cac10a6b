import type { OverlayView } from '../api/desktop-state.ts'
import type { OverlayService } from '../api/desktop-services.ts'
import { HostError } from '../api/host-error.ts'
import type { PaintedCaption } from '../core/latency.ts'
import type { CaptionSink } from '../core/ports.ts'
import type { FontStore } from '../overlay/font-store.ts'
import { createFontStore } from '../overlay/font-store.ts'
import { OverlayError } from '../overlay/overlay-error.ts'
import type { OverlayServer } from '../overlay/overlay-server.ts'
import { startOverlayServer } from '../overlay/overlay-server.ts'
import type { Settings } from '../settings/settings.ts'
import type { ShellPort } from './shell-port.ts'

/** A port that is taken may be given back: tried again this often. */
const RETRY_MS = 3000
const COUNT_VIEWERS_MS = 1000

export interface OverlayArea extends OverlayService {
  /** Shows these looks on this port from now on; captions go on. */
  apply(settings: Settings['overlay']): Promise<void>
  readonly sink: CaptionSink
  readonly readFont: FontStore['read']
  clear(): void
  /** The address of the overlay of this name. @throws HostError where there is none now */
  urlOf(overlay: string): string
  close(): Promise<void>
}

export interface OverlayAreaDeps {
  readonly fontsDir: string
  readonly shell: Pick<ShellPort, 'copyText' | 'openExternal'>
  publish(view: OverlayView): void
  onPaint(paint: PaintedCaption): void
  log(sentence: string): void
}

/** The overlay's server, on whatever port the settings name now, and the fonts that it serves. */
export function createOverlayArea(deps: OverlayAreaDeps): OverlayArea {
  const { fontsDir, shell, log, onPaint } = deps
  const fonts = createFontStore(fontsDir)
  let server: OverlayServer | undefined
  let wanted: Settings['overlay'] | undefined
  let retry: NodeJS.Timeout | undefined
  let applying = Promise.resolve()
  let view: OverlayView = { url: undefined, problem: undefined, viewers: 0, fonts: [] }

  function show(change: Partial<OverlayView>): void {
    view = { ...view, ...change }
    deps.publish(view)
  }

  const viewersTimer = setInterval(() => {
    const viewers = server?.viewers ?? 0
    if (viewers !== view.viewers) show({ viewers })
  }, COUNT_VIEWERS_MS)
  viewersTimer.unref()

  async function reach({ port, overlays }: Settings['overlay']): Promise<void> {
    clearTimeout(retry)
    try {
      // Looks change also where the port cannot.
      server?.update(overlays)
      if (server) await server.moveTo(port)
      else server = await startOverlayServer({ port, overlays, fontsDir, onPaint, log })
      show({ url: server.url, problem: undefined })
    } catch (error) {
      if (!(error instanceof OverlayError)) throw error
      log(error.message)
      show({ url: server?.url, problem: problemSentence(error, port) })
      retry = setTimeout(() => wanted && void apply(wanted), RETRY_MS)
      retry.unref()
    }
  }

  async function apply(settings: Settings['overlay']): Promise<void> {
    wanted = settings
    applying = applying.then(async () => reach(settings))
    await applying
  }

  function urlOf(overlay: string): string {
    if (!server) {
      throw new HostError('not_possible', view.problem ?? 'The overlay is not ready yet.')
    }
    // Names that the window makes up would be any address of this server.
    if (!wanted?.overlays.some(({ name }) => name === overlay)) {
      throw new HostError('not_found', 'This overlay is not there any more.')
    }
    return server.urlOf(overlay)
  }

  const showFonts = async () => show({ fonts: await fonts.list() })
  showFonts().catch((error: Error) => log(`The uploaded fonts cannot be read: ${error.message}`))

  return {
    apply,
    urlOf,
    sink: {
      onEvent: (event, transcript) => server?.sink.onEvent(event, transcript),
      close: async () => server?.sink.close?.(),
    },
    readFont: fonts.read,
    clear: () => server?.clear(),
    copyUrl: (overlay) => shell.copyText(urlOf(overlay)),
    openPage: async (overlay) => shell.openExternal(urlOf(overlay)),
    async addFont(name, base64) {
      await fonts.add(name, Buffer.from(base64, 'base64'))
      await showFonts()
    },
    async removeFont(id) {
      await fonts.remove(id)
      await showFonts()
    },
    async close() {
      clearTimeout(retry)
      clearInterval(viewersTimer)
      await applying
      clearTimeout(retry)
      await server?.close()
    },
  }
}

function problemSentence({ code, message }: OverlayError, port: number): string {
  if (code !== 'port_taken' && code !== 'port_refused') return message
  const why =
    code === 'port_taken' ? 'Another program uses' : 'This computer does not let Saywire use'
  return `${why} port ${port}: choose another one for the overlay.`
}
