import { randomUUID } from 'node:crypto'
import type { Actor } from '../admin/admin-actor.ts'
import { PAGE_DEFAULT } from '../admin/admin-fields.ts'
import {
  toAuditWire,
  toBalanceWire,
  toDayMarginWire,
  toLedgerWire,
  toLiveSessionWire,
  toPageWire,
  toUserSessionWire,
  toUserWire,
} from '../admin/admin-wire.ts'
import type { Administration } from '../admin/administration.ts'
import type { GrantCommand } from './command-line.ts'
import type { OperatorCommand } from './operator-command.ts'
import { auditText, liveSessionsText, marginsText, userText, usersText } from './operator-text.ts'
import { plainText } from './text-table.ts'

/** The same for programs, as the API would give it, and for people. */
export interface OperatorAnswer {
  readonly json: unknown
  readonly text: string
}

/**
 * Does what the command says.
 * @throws AppError
 */
export async function operate(
  administration: Administration,
  actor: Actor,
  command: OperatorCommand | GrantCommand,
): Promise<OperatorAnswer> {
  const { users, userSessions, liveSessions, credits, access, margins, audit } = administration
  switch (command.name) {
    case 'users list': {
      const page = toPageWire(await users.page(command), toUserWire)
      return { json: page, text: usersText(page) }
    }
    case 'users show': {
      const userId = await users.resolve(command.user)
      const limit = PAGE_DEFAULT
      const { sessions, nextCursor } = await userSessions.page(userId, { limit })
      const shown = {
        user: toUserWire(await users.find(userId)),
        sessions: toPageWire({ rows: sessions, nextCursor }, toUserSessionWire),
        ledger: toPageWire(await users.ledger(userId, { limit }), toLedgerWire),
      }
      return { json: shown, text: userText(shown) }
    }
    case 'users block': {
      const userId = await users.resolve(command.user)
      const blocked = await access.block(actor, { ...command, userId })
      const { outcome, endedLogins, stoppedSessions } = blocked
      const json = { outcome, ended_logins: endedLogins, stopped_sessions: stoppedSessions }
      const done = `Blocked ${command.user}: ${endedLogins} logins and ${stoppedSessions} sessions end.`
      const text = outcome === 'blocked' ? done : `${command.user} is blocked already.`
      return { json, text: plainText(text) }
    }
    case 'users unblock': {
      const userId = await users.resolve(command.user)
      const json = await access.unblock(actor, { userId, reason: command.reason })
      const done = `Unblocked ${command.user}, who can log in again.`
      const text = json.outcome === 'unblocked' ? done : `${command.user} is not blocked.`
      return { json, text: plainText(text) }
    }
    case 'sessions list': {
      const page = toPageWire(await liveSessions.page(command), toLiveSessionWire)
      return { json: page, text: liveSessionsText(page) }
    }
    case 'sessions end': {
      const status = await liveSessions.end(actor, command)
      const ended = `${command.sessionId} has ended: its server was gone.`
      const ending = `${command.sessionId} is told to end: within a heartbeat or two.`
      return { json: { status }, text: plainText(status === 'ended' ? ended : ending) }
    }
    case 'credits adjust': {
      const { user, deltaMs, reason, key = randomUUID() } = command
      const userId = await users.resolve(user)
      const adjusted = await credits.adjust(actor, { userId, deltaMs, reason, key })
      const balance = toBalanceWire(adjusted.balance)
      const verb = deltaMs > 0 ? 'Added' : 'Took'
      const done =
        adjusted.outcome === 'booked'
          ? `${verb} ${Math.abs(deltaMs)} ms`
          : `Nothing was changed, the key ${key} is booked already`
      const text = `${done}: ${user} has ${balance.available_ms} ms available.`
      return { json: { outcome: adjusted.outcome, balance }, text: plainText(text) }
    }
    case 'grant':
      return grant(administration, actor, command)
    case 'margins': {
      const days = (await margins.read(command.days)).map(toDayMarginWire)
      return { json: { days }, text: marginsText({ days }) }
    }
    case 'audit': {
      const { user, cursor, limit } = command
      const userId = user === undefined ? undefined : await users.resolve(user)
      const page = toPageWire(await audit.page({ cursor, limit, userId }), toAuditWire)
      return { json: page, text: auditText(page) }
    }
    case 'admin grant':
    case 'admin revoke': {
      const userId = await users.resolve(command.user)
      const role = command.name === 'admin grant' ? 'admin' : 'user'
      const json = await access.setRole(actor, { ...command, userId, role })
      const is = `${command.user} is ${role === 'admin' ? 'an administrator' : 'no administrator'}`
      return { json, text: plainText(`${is}${json.outcome === 'changed' ? ' now' : ' already'}.`) }
    }
  }
}

async function grant(
  { users, credits }: Administration,
  actor: Actor,
  { email, minutes, reason }: GrantCommand,
): Promise<OperatorAnswer> {
  const userId = await users.resolve(email)
  const { balance, unspentMs } = await credits.grant(actor, { userId, minutes, reason })
  const text = `Granted ${minutes} min to ${email}, who now has ${(unspentMs / 60_000).toFixed(1)} min.`
  return { json: { outcome: 'booked', balance: toBalanceWire(balance) }, text: plainText(text) }
}
