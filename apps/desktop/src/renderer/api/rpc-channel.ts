/** The way to the host: whole messages, in order, both ways. */
export interface RpcChannel {
  /** False while a message would be lost. */
  isOpen(): boolean
  send(message: unknown): void
  /** Called with each message of the host. */
  onMessage(listener: (message: unknown) => void): void
  /** Called whenever the way opens or is lost. */
  onOpenChange(listener: (isOpen: boolean) => void): unknown
}

/** What the preload script offers, and all that it offers. */
interface SaywireBridge {
  send(message: unknown): void
  onMessage(listener: (message: unknown) => void): unknown
}

declare global {
  interface Window {
    readonly saywireBridge?: SaywireBridge
  }
}

const RETRY_MS = 500

/** The app's own bridge; in a plain browser the WebSocket that `?api=` names. */
export function openRpcChannel(): RpcChannel {
  if (window.saywireBridge) return bridgeChannel(window.saywireBridge)
  const address = new URLSearchParams(location.search).get('api')
  return socketChannel(address ?? `ws://${location.host}/rpc`)
}

function bridgeChannel(bridge: SaywireBridge): RpcChannel {
  return {
    isOpen: () => true,
    send: (message) => bridge.send(message),
    onMessage: (listener) => void bridge.onMessage(listener),
    onOpenChange: () => undefined,
  }
}

/** Opens again, for ever, when it is lost. */
function socketChannel(url: string): RpcChannel {
  let socket: WebSocket
  let onMessage: (message: unknown) => void = () => undefined
  const openListeners: ((isOpen: boolean) => void)[] = []
  const tell = (isOpen: boolean): void => openListeners.forEach((listener) => listener(isOpen))

  function open(): void {
    socket = new WebSocket(url)
    socket.addEventListener('open', () => tell(true))
    socket.addEventListener('message', ({ data }) => onMessage(JSON.parse(String(data))))
    socket.addEventListener('close', () => {
      tell(false)
      setTimeout(open, RETRY_MS)
    })
  }
  open()
  return {
    isOpen: () => socket.readyState === WebSocket.OPEN,
    send: (message) => socket.send(JSON.stringify(message)),
    onMessage: (listener) => (onMessage = listener),
    onOpenChange: (listener) => openListeners.push(listener),
  }
}
