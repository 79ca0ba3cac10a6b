import { describe, expect, it } from 'vitest'
import type { DesktopState } from '../api/desktop-state.ts'
import { settingsSchema } from '../settings/settings.ts'
import { initialState } from './initial-state.ts'
import type { StartConditions } from './start-blockers.ts'
import { startBlockers } from './start-blockers.ts'

const { model, account, deepgramKey, spending, standIn } = initialState('keychain')

interface Case {
  readonly transcription?: Partial<StartConditions['transcription']>
  readonly microphones?: number | undefined
  readonly model?: DesktopState['model']['status']
  /** Where the state of models is of another one than the chosen one. */
  readonly shown?: Partial<DesktopState['model']>
  readonly account?: Partial<DesktopState['account']>
  readonly key?: DesktopState['deepgramKey']['status']
  readonly reached?: DesktopState['spending']['reached']
  readonly standIn?: DesktopState['standIn']['status']
}

const codesOf = (one: Case): string[] => blockersOf(one).map(({ code }) => code)

function blockersOf(one: Case) {
  const transcription = { ...settingsSchema.parse({}).transcription, ...one.transcription }
  const { localModel: name } = transcription
  const blockers = startBlockers({
    transcription,
    microphones: 'microphones' in one ? one.microphones : 1,
    model: { ...model, name, catalogue: CATALOGUE, status: one.model ?? 'ready', ...one.shown },
    account: { ...account, ...one.account },
    deepgramKey: { ...deepgramKey, status: one.key ?? 'none' },
    spending: { ...spending, reached: one.reached, sentence: one.reached && 'Raise it.' },
    standIn: { ...standIn, status: one.standIn ?? 'missing' },
  })
  for (const { sentence } of blockers) expect(sentence).toMatch(/^[A-Z].+\.$/)
  return blockers
}

const CATALOGUE = [
  {
    name: 'base.en-q8_0',
    languages: 'english',
    sizeBytes: undefined,
    memoryBytes: undefined,
    isPresent: true,
    strain: undefined,
  },
  {
    name: 'base',
    languages: 'multilingual',
    sizeBytes: undefined,
    memoryBytes: undefined,
    isPresent: true,
    strain: undefined,
  },
] as const

const other = { name: 'tiny.en' }
const managed = { mode: 'managed', serverUrl: 'https://example.org' } as const
const byok = { mode: 'byok' } as const

describe('Start', () => {
  it.each<[string, Case, string[]]>([
    ['with a model', {}, []],
    ['before microphones are known', { microphones: undefined }, []],
    ['without a microphone', { microphones: 0 }, ['no_microphone']],
    ['without a model', { model: 'missing' }, ['model_missing']],
    ['without either', { microphones: 0, model: 'missing' }, ['no_microphone', 'model_missing']],
    ['with a model, while another is fetched', { model: 'fetching', shown: other }, []],
    [
      'with a model, while the library of all is built',
      { model: 'building', shown: other },
      ['model_fetching'],
    ],
    [
      'without a model, while another is fetched',
      { model: 'fetching', shown: other, transcription: { localModel: 'tiny' } },
      ['model_missing'],
    ],
    ['after a fetch that failed', { model: 'failed' }, ['model_missing']],
    ['while the model comes', { model: 'fetching' }, ['model_fetching']],
    ['while the library is built', { model: 'building' }, ['model_fetching']],
    [
      'in German with an English model',
      { transcription: { language: 'de' } },
      ['language_unknown'],
    ],
    ['in British English with it', { transcription: { language: 'en-GB' } }, []],
    ['translated, in English with it', { transcription: { translate: true } }, []],
    [
      'in a language that no model knows',
      { transcription: { language: 'tlh', localModel: 'base' } },
      ['language_unknown'],
    ],
    [
      'in whatever is spoken, with a model for many languages',
      { transcription: { language: 'multi', localModel: 'base' } },
      [],
    ],
    [
      'in whatever is spoken, with an English model',
      { transcription: { language: 'multi' } },
      ['language_unknown'],
    ],
    [
      'in German with a model for many languages',
      { transcription: { language: 'de', localModel: 'base' } },
      [],
    ],
    ['managed, no server', { transcription: { mode: 'managed' } }, ['server_url_missing']],
    ['managed, nobody', { transcription: managed }, ['not_logged_in']],
    [
      'managed, expired',
      { transcription: managed, account: { status: 'expired' } },
      ['not_logged_in'],
    ],
    ['managed, checking', { transcription: managed, account: { status: 'checking' } }, []],
    ['managed, unreachable', { transcription: managed, account: { status: 'unreachable' } }, []],
    [
      'managed, broke',
      { transcription: managed, account: { status: 'logged_in', balanceMs: 0 } },
      ['no_credit'],
    ],
    [
      'managed, with credit',
      { transcription: managed, account: { status: 'logged_in', balanceMs: 1 } },
      [],
    ],
    [
      'managed, whatever the model',
      { transcription: managed, model: 'missing', account: { status: 'logged_in' } },
      [],
    ],
    [
      'managed, expired, with a local engine that stands in',
      { transcription: managed, account: { status: 'expired' }, standIn: 'warm' },
      [],
    ],
    [
      'managed, broke, with a local engine that stands in',
      {
        transcription: managed,
        account: { status: 'logged_in', balanceMs: 0 },
        standIn: 'cold',
      },
      [],
    ],
    [
      'managed, nobody, with a local engine that stands in',
      { transcription: managed, standIn: 'cold' },
      ['not_logged_in'],
    ],
    ['own key, none', { transcription: byok }, ['key_missing']],
    [
      'own key, refused, with a local engine that stands in',
      { transcription: byok, key: 'invalid', standIn: 'cold' },
      [],
    ],
    ['own key, refused', { transcription: byok, key: 'invalid' }, ['key_invalid']],
    ['own key, being checked', { transcription: byok, key: 'checking' }, []],
    ['own key, provider away', { transcription: byok, key: 'unverified' }, []],
    [
      'own key, over the limit of the day',
      { transcription: byok, key: 'valid', reached: 'day' },
      ['cap_reached'],
    ],
    [
      'own key, over the limit of the last session',
      { transcription: byok, key: 'valid', reached: 'session' },
      [],
    ],
    [
      'managed, over the limit of the month',
      { transcription: managed, account: { status: 'logged_in' }, reached: 'month' },
      ['cap_reached'],
    ],
    [
      'over the limit, with a local engine that stands in',
      { transcription: byok, key: 'valid', reached: 'day', standIn: 'cold' },
      [],
    ],
    ['local, over the limit of cloud engines', { reached: 'month' }, []],
    ['own key, good', { transcription: byok, key: 'valid' }, []],
  ])('%s', (_what, one, codes) => {
    expect(codesOf(one)).toEqual(codes)
  })

  it('says what an English model lacks: the language, or that it could be translated', () => {
    const german = { language: 'de' }
    expect(blockersOf({ transcription: german })[0]?.sentence).toContain('English as your language')
    const translated = { ...german, translate: true }
    expect(blockersOf({ transcription: translated })[0]?.sentence).toContain('cannot translate')
  })
})
