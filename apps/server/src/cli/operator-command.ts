import { z } from 'zod'
import {
  adjustmentKey,
  adjustmentMs,
  adminReason,
  MARGIN_DAYS_DEFAULT,
  marginDays,
  PAGE_DEFAULT,
  pageLimit,
  userSearch,
} from '../admin/admin-fields.ts'
import { idSchema } from '../ids.ts'
import { UsageError } from './usage-error.ts'

interface PageWords {
  readonly cursor: string | undefined
  readonly limit: number
}

/** What an operator looks at or changes. `user`: e-mail address or id. */
export type OperatorCommand =
  | ({ readonly name: 'users list'; readonly search: string | undefined } & PageWords)
  | { readonly name: 'users show'; readonly user: string }
  | { readonly name: 'users unblock'; readonly user: string; readonly reason: string }
  | ({ readonly name: 'sessions list' } & PageWords)
  | { readonly name: 'sessions end'; readonly sessionId: string; readonly reason: string }
  | {
      readonly name: 'credits adjust'
      readonly user: string
      readonly deltaMs: number
      readonly reason: string
      /** Undefined: this call is an adjustment of its own. */
      readonly key: string | undefined
    }
  | { readonly name: 'margins'; readonly days: number }
  | ({ readonly name: 'audit'; readonly user: string | undefined } & PageWords)
  | {
      readonly name: 'users block' | 'admin grant' | 'admin revoke'
      readonly user: string
      readonly reason: string
      readonly allowLast: boolean
    }

/** The options of all commands, as parseArgs() wants them. */
export const operatorOptions = {
  reason: { type: 'string' },
  search: { type: 'string' },
  cursor: { type: 'string' },
  limit: { type: 'string' },
  user: { type: 'string' },
  days: { type: 'string' },
  add: { type: 'string' },
  take: { type: 'string' },
  key: { type: 'string' },
  last: { type: 'boolean' },
} as const

export type OperatorOption = keyof typeof operatorOptions
export type OptionValues = { readonly [K in OperatorOption]?: string | boolean | undefined }

interface Shape {
  /** Name of the one operand, where there is one. */
  readonly operand?: string
  readonly options: readonly OperatorOption[]
  readonly read: (operand: string, option: ReadOption) => OperatorCommand
}

type ReadOption = <T>(name: OperatorOption, schema: z.ZodType<T>) => T

const PAGE = ['cursor', 'limit'] as const
const NOT_SAID = 'No reason was given.'

const wholeNumber = (schema: z.ZodType<number, number>) =>
  z.string().regex(/^\d+$/, 'must be a whole number').transform(Number).pipe(schema)

const readPage = (option: ReadOption): PageWords => ({
  cursor: option('cursor', idSchema.optional()),
  limit: option('limit', wholeNumber(pageLimit).default(PAGE_DEFAULT)),
})
const readReason = (option: ReadOption): string => option('reason', adminReason)
const readLast = (option: ReadOption): boolean => option('last', z.boolean().default(false))

const USER = 'e-mail address or id'
const SHAPES: { readonly [K in OperatorCommand['name']]: Shape } = {
  'users list': {
    options: ['search', ...PAGE],
    read: (_, option) => ({
      name: 'users list',
      search: option('search', userSearch.optional()),
      ...readPage(option),
    }),
  },
  'users show': { operand: USER, options: [], read: (user) => ({ name: 'users show', user }) },
  'users block': {
    operand: USER,
    options: ['reason', 'last'],
    read: (user, option) => ({
      name: 'users block',
      user,
      reason: readReason(option),
      allowLast: readLast(option),
    }),
  },
  'users unblock': {
    operand: USER,
    options: ['reason'],
    read: (user, option) => ({ name: 'users unblock', user, reason: readReason(option) }),
  },
  'sessions list': {
    options: PAGE,
    read: (_, option) => ({ name: 'sessions list', ...readPage(option) }),
  },
  'sessions end': {
    operand: 'session id',
    options: ['reason'],
    read: (sessionId, option) => ({ name: 'sessions end', sessionId, reason: readReason(option) }),
  },
  'credits adjust': {
    operand: USER,
    options: ['add', 'take', 'reason', 'key'],
    read: (user, option) => ({
      name: 'credits adjust',
      user,
      deltaMs: readDelta(option),
      reason: readReason(option),
      key: option('key', adjustmentKey.optional()),
    }),
  },
  margins: {
    options: ['days'],
    read: (_, option) => ({
      name: 'margins',
      days: option('days', wholeNumber(marginDays).default(MARGIN_DAYS_DEFAULT)),
    }),
  },
  audit: {
    options: ['user', ...PAGE],
    read: (_, option) => ({
      name: 'audit',
      user: option('user', z.string().optional()),
      ...readPage(option),
    }),
  },
  'admin grant': { operand: USER, options: ['reason', 'last'], read: readRole('admin grant') },
  'admin revoke': { operand: USER, options: ['reason', 'last'], read: readRole('admin revoke') },
}

function readRole(name: 'admin grant' | 'admin revoke'): Shape['read'] {
  return (user, option) => ({
    name,
    user,
    reason: option('reason', adminReason.default(NOT_SAID)),
    allowLast: readLast(option),
  })
}

function readDelta(option: ReadOption): number {
  const ms = wholeNumber(adjustmentMs).optional()
  const [add, take] = [option('add', ms), option('take', ms)]
  if (add !== undefined && take === undefined) return add
  if (take !== undefined && add === undefined) return -take
  throw new UsageError('`credits adjust` takes either --add <ms> or --take <ms>.')
}

/**
 * @param words of the command line, without options
 * @returns undefined where they name none of these commands
 * @throws UsageError
 */
export function readOperatorCommand(
  words: readonly string[],
  options: OptionValues,
): OperatorCommand | undefined {
  const names = Object.keys(SHAPES) as OperatorCommand['name'][]
  const name = names.find((each) => each === words.slice(0, each.split(' ').length).join(' '))
  if (!name) return undefined
  const { operand, options: known, read } = SHAPES[name]
  const operands = words.slice(name.split(' ').length)
  const isWhole = operands.length === (operand ? 1 : 0) && operands[0]?.trim() !== ''
  if (!isWhole)
    throw new UsageError(`\`${name}\` takes ${operand ? `one ${operand}` : 'no more words'}.`)
  for (const option of Object.keys(options) as OperatorOption[]) {
    if (!known.includes(option)) throw new UsageError(`\`${name}\` takes no --${option}.`)
  }
  return read(operands[0]?.trim() ?? '', (option, schema) => {
    const parsed = schema.safeParse(options[option])
    if (parsed.success) return parsed.data
    const [issue] = parsed.error.issues
    const problem = options[option] === undefined ? 'is missing' : issue?.message
    throw new UsageError(`--${option} ${problem}.`)
  })
}
