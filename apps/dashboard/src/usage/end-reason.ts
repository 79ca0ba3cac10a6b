import type { SessionEndReason } from '@saywire/protocol'

const SENTENCES = {
  stopped: 'You stopped it',
  idle: 'No audio for a while',
  client_gone: 'The app disconnected',
  unauthenticated: 'The login ended',
  insufficient_credits: 'Credit used up',
  account_blocked: 'The account was blocked',
  ended_by_operator: 'Ended by who runs the server',
  too_many_connections: 'Too many sessions at once',
  bad_message: 'The app sent something unreadable',
  frame_too_large: 'The app sent too much audio at once',
  too_fast: 'Audio came faster than real time',
  upstream_lost: 'The speech service was lost',
  busy: 'The server was busy',
  server_draining: 'The server restarted',
  lease_lost: 'The server lost the session',
  internal: 'A fault on our side',
} as const satisfies Record<SessionEndReason, string>

/** Why a session ended, in words; a reason newer than this page is shown as it is. */
export function describeEndReason(reason: string | null): string {
  if (reason === null) return ''
  return isKnown(reason) ? SENTENCES[reason] : reason.replaceAll('_', ' ')
}

function isKnown(reason: string): reason is SessionEndReason {
  return Object.hasOwn(SENTENCES, reason)
}
