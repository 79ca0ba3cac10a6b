import { AppError } from '../app-error.ts'
import type { Balance, Ledger } from '../billing/ledger.ts'
import { toMs } from '../billing/ledger.ts'
import type { Db } from '../database/database.ts'
import type { NewId } from '../ids.ts'
import { readUnspentMs } from '../sessions/live-account.ts'
import type { Actor } from './admin-actor.ts'
import type { AdminChanges } from './admin-changes.ts'
import type { AuditFacts, AuditState } from './audit-log.ts'

export interface AdjustmentWish {
  readonly userId: string
  /** Whole, not 0; below 0 takes credit. */
  readonly deltaMs: number
  readonly reason: string
  /** Names the wish: it is fulfilled once, however often it is sent. */
  readonly key: string
}

export interface Adjusted {
  readonly outcome: 'booked' | 'already_booked'
  readonly balance: Balance
}

export interface Granted {
  readonly balance: Balance
  /** Available and held, less what running sessions have used of it, ms. */
  readonly unspentMs: number
}

/** Credit that an administrator gives or takes. */
export interface CreditAdjustments {
  /**
   * @throws AppError `bad_request` where less is available, or the key was used for something else;
   * `forbidden`, `not_found`
   */
  adjust(actor: Actor, wish: AdjustmentWish): Promise<Adjusted>
  /**
   * Gives whole minutes; each call is a gift of its own.
   * @throws AppError `forbidden`, `not_found`
   */
  grant(
    actor: Actor,
    gift: {
      readonly userId: string
      readonly minutes: number
      readonly reason: string | undefined
    },
  ): Promise<Granted>
}

export function createCreditAdjustments(deps: {
  readonly ledger: Ledger
  readonly changes: AdminChanges
  readonly newId: NewId
}): CreditAdjustments {
  const { ledger, changes, newId } = deps

  async function lock(db: Db, userId: string): Promise<Balance> {
    if ((await db.user.count({ where: { id: userId } })) > 0) return ledger.lock(db, userId)
    throw new AppError('not_found', 'There is no account with this id.')
  }

  return {
    async adjust(actor, { userId, deltaMs, reason, key }) {
      return changes.make<Adjusted>(actor, async (db) => {
        const before = await lock(db, userId)
        const ref = `operator_adjustment:${key}`
        const description = `From the operator: ${reason}`
        const outcome = await ledger.adjust(db, { userId, deltaMs, ref, description })
        if (outcome === 'insufficient') throw insufficient(before)
        if (outcome === 'already_booked') {
          await requireSame(db, ref, userId, deltaMs)
          return { result: { outcome, balance: before } }
        }
        const balance = await ledger.balance(db, userId)
        const entry = entryOf(userId, reason, before, balance)
        return { result: { outcome, balance }, entry }
      })
    },

    async grant(actor, { userId, minutes, reason }) {
      return changes.make<Granted>(actor, async (db) => {
        const before = await lock(db, userId)
        const why = reason === undefined ? '' : `: ${reason}`
        const description = `${minutes} min from the operator${why}`
        await ledger.grant(db, {
          userId,
          kind: 'operator_grant',
          amountMs: minutes * 60_000,
          ref: `operator_grant:${newId('led')}`,
          description,
        })
        const balance = await ledger.balance(db, userId)
        const unspentMs = await readUnspentMs(db, userId)
        return {
          result: { balance, unspentMs },
          entry: entryOf(userId, description, before, balance),
        }
      })
    },
  }
}

function entryOf(userId: string, reason: string, before: Balance, after: Balance): AuditFacts {
  const action = 'credits_adjusted'
  return { action, userId, reason, before: stateOf(before), after: stateOf(after) }
}

function stateOf({ availableMs, heldMs, owedMs }: Balance): AuditState {
  return { available_ms: availableMs, held_ms: heldMs, owed_ms: owedMs }
}

async function requireSame(db: Db, ref: string, userId: string, deltaMs: number): Promise<void> {
  const entry = await db.usageLedgerEntry.findUniqueOrThrow({ where: { ref } })
  if (entry.userId === userId && toMs(entry.deltaMs) === deltaMs) return
  throw new AppError(
    'bad_request',
    'This key was used for another adjustment. Take a new key for each.',
  )
}

function insufficient({ availableMs, heldMs }: Balance): AppError {
  const held = heldMs > 0 ? `, and ${heldMs} ms are held by sessions that run` : ''
  return new AppError(
    'bad_request',
    `Only ${availableMs} ms are available${held}. Take no more than that.`,
  )
}
