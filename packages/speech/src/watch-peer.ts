import type { WebSocket } from 'ws'

const MAX_UNANSWERED_PINGS = 2

/**
 * Terminates a connection whose peer answers no ping: after at most three times `pingMs`.
 * TCP takes minutes to notice that a peer has vanished, and somebody is speaking meanwhile. Counts
 * pings and not time: a computer that wakes up from sleep gives its peer the chance to answer.
 */
export function watchPeer(socket: WebSocket, pingMs: number): void {
  let unanswered = 0
  const timer = setInterval(() => {
    if (unanswered === MAX_UNANSWERED_PINGS) return socket.terminate()
    unanswered++
    socket.ping()
  }, pingMs)
  const hear = () => {
    unanswered = 0
  }
  socket.on('pong', hear)
  // A server that is too busy to read us still says that it lives.
  socket.on('ping', hear)
  socket.on('message', hear)
  socket.once('close', () => clearInterval(timer))
}
