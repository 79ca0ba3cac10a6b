import { SpeechError } from '@saywire/speech'
import { modelCatalogue } from '@saywire/speech/whisper'
import { whisperLanguage } from '@saywire/speech/whisper/languages'
import type { DesktopState, ModelView, StandInView, StartBlocker } from '../api/desktop-state.ts'
import { primaryLanguage } from '../settings/languages.ts'
import type { Settings } from '../settings/settings.ts'

export interface StartConditions extends Pick<
  DesktopState,
  'model' | 'account' | 'deepgramKey' | 'spending' | 'standIn'
> {
  readonly transcription: Settings['transcription']
  /** How many there are; undefined until that is known. */
  readonly microphones: number | undefined
}

const SENTENCES = {
  no_microphone: 'Plug in a microphone, and allow this program to use it.',
  model_missing: 'Fetch the speech model first; it is kept on this computer.',
  model_fetching: 'The speech model is being made ready; Start works once it is.',
  language_unknown:
    'This speech model knows only English: choose a model for many languages, or English as your language.',
  server_url_missing: 'Enter the address of your Saywire server in the settings.',
  not_logged_in: 'Log in at your Saywire server, or register there.',
  no_credit: 'Your credit is used up: buy some, or choose another engine.',
  key_missing: 'Enter your Deepgram key in the settings.',
  key_invalid: 'Deepgram refuses your key: enter one that works.',
  cap_reached: 'Your limit of cloud captions is reached: raise it under Limits in the settings.',
} as const satisfies Record<StartBlocker['code'], string>

/** Why captions cannot be started now; empty where they can. Pure. */
export function startBlockers(conditions: StartConditions): readonly StartBlocker[] {
  const codes = engineBlockers(conditions)
  if (conditions.microphones === 0) codes.unshift('no_microphone')
  const { spending, model, transcription } = conditions
  const own: Partial<Record<StartBlocker['code'], string | undefined>> = {
    cap_reached: spending.sentence,
    language_unknown: languageProblem(model, transcription),
  }
  return codes.map((code) => ({ code, sentence: own[code] ?? SENTENCES[code] }))
}

/** Whether a model can be used now, also while another one is fetched. Pure. */
export function hasModel(model: ModelView, name: string): boolean {
  if (model.name === name) return model.status === 'ready'
  // The library that every model needs is being built.
  if (model.status === 'building') return false
  return model.catalogue.some((one) => one.name === name && one.isPresent)
}

function isOnItsWay(model: ModelView, name: string): boolean {
  return model.status === 'building' || (model.status === 'fetching' && model.name === name)
}

function engineBlockers(conditions: StartConditions): StartBlocker['code'][] {
  const { transcription, model, account, deepgramKey, standIn } = conditions
  switch (transcription.mode) {
    case 'local':
      if (hasModel(model, transcription.localModel)) {
        return knowsLanguage(model, transcription) ? [] : ['language_unknown']
      }
      return isOnItsWay(model, transcription.localModel) ? ['model_fetching'] : ['model_missing']
    case 'managed':
      if (transcription.serverUrl === '') return ['server_url_missing']
      if (account.status === 'none') return ['not_logged_in']
      break
    case 'byok':
      if (deepgramKey.status === 'none') return ['key_missing']
  }
  const refusal = refusalOf(conditions)
  return refusal === undefined || canStandIn(standIn) ? [] : [refusal]
}

/** Why the cloud engine of the settings would say no at once: where another stands in, nobody waits. */
function refusalOf(conditions: StartConditions): StartBlocker['code'] | undefined {
  const { transcription, account, deepgramKey, spending } = conditions
  if (transcription.mode === 'managed' && account.status === 'expired') return 'not_logged_in'
  if (transcription.mode === 'managed' && account.balanceMs === 0) return 'no_credit'
  // A key that could not be checked may well work.
  if (transcription.mode === 'byok' && deepgramKey.status === 'invalid') return 'key_invalid'
  // A limit of one session is as good as new in the next one.
  const { reached } = spending
  return reached === 'day' || reached === 'month' ? 'cap_reached' : undefined
}

/** Whether the local engine can speak in place of a cloud one. Pure. */
export function canStandIn({ status }: StandInView): boolean {
  return status !== 'off' && status !== 'missing' && status !== 'unfit'
}

/** Whether a model that is there speaks the language of the settings. Pure. */
export function knowsLanguage(
  { catalogue }: ModelView,
  { localModel, language }: Pick<Settings['transcription'], 'localModel' | 'language'>,
): boolean {
  const model = catalogue.find(({ name }) => name === localModel)
  if (model?.languages === 'english') return primaryLanguage(language) === 'en'
  return isWhispers(language)
}

/** Whether any model knows it: the engine itself is asked, which knows other names of languages, too. */
function isWhispers(language: string): boolean {
  const model = modelCatalogue.find(({ languages }) => languages === 'multilingual')
  try {
    return model !== undefined && whisperLanguage(language, model) !== ''
  } catch (error) {
    if (error instanceof SpeechError) return false
    throw error
  }
}

/** Why the local engine could not speak the language of these settings. Pure. */
export function languageProblem(
  model: ModelView,
  transcription: Settings['transcription'],
): string | undefined {
  if (transcription.mode !== 'local' || knowsLanguage(model, transcription)) return undefined
  if (!isWhispers(transcription.language)) {
    return 'The local engine does not know this language: choose another one.'
  }
  return transcription.translate ? CANNOT_TRANSLATE : SENTENCES.language_unknown
}

const CANNOT_TRANSLATE =
  'This speech model knows only English, so that it cannot translate: choose a model for many languages.'
