import { open, stat } from 'node:fs/promises'
import { SpeechError } from '@saywire/speech'
import type { ImportReport } from '../api/desktop-services.ts'
import { HostError } from '../api/host-error.ts'
import type { KeyView } from '../api/desktop-state.ts'
import { readPythonSettings } from './python-settings.ts'
import type { Settings, SettingsPatch } from './settings.ts'

/** The Python app’s file has a few kilobytes; YAML made to be slow takes seconds for each hundred. */
const FILE_BYTES_MAX = 64 * 1024

export interface ImportYamlDeps {
  update(patch: SettingsPatch): Settings
  /** Undefined where there is none. */
  getDeepgramKey(): Promise<string | undefined>
  setDeepgramKey(key: string): Promise<KeyView>
  /** Whether somebody is logged in at this server. */
  hasLogin(serverUrl: string): Promise<boolean>
  /** Keeps an access token that the server takes. @throws SpeechError `unreachable` */
  adoptToken(serverUrl: string, token: string): Promise<boolean>
}

/**
 * Takes over what the Python app's settings file holds: settings into ours, secrets among the
 * secrets, where they take nothing's place. The old file is left as it is.
 * @throws HostError `not_found`, `refused` where there is no such file, or none of ours
 */
export async function importYaml(path: string, deps: ImportYamlDeps): Promise<ImportReport> {
  const { patch, secrets, imported, problems: found } = readPythonSettings(await readText(path))
  const problems = [...found]
  const secretsMoved: string[] = []
  const settings = deps.update(patch)

  if (secrets.deepgramKey !== undefined) {
    if ((await deps.getDeepgramKey()) !== undefined) {
      problems.push('You have a Deepgram key here already: the old one was left where it is.')
    } else {
      const { sentence } = await deps.setDeepgramKey(secrets.deepgramKey)
      secretsMoved.push('The Deepgram key.')
      if (sentence !== undefined) problems.push(sentence)
    }
  }
  if (secrets.authToken !== undefined) {
    const { serverUrl } = settings.transcription
    const problem = await adopt(serverUrl, secrets.authToken, deps)
    if (problem === undefined) secretsMoved.push(`The login at ${serverUrl}.`)
    else problems.push(problem)
  }
  if (Object.keys(secrets).length > 0) {
    problems.push(`${path} still holds your secrets in plain text: delete them there.`)
  }
  return { imported, secretsMoved, problems }
}

/** @returns why not, in one sentence */
async function adopt(
  serverUrl: string,
  token: string,
  deps: ImportYamlDeps,
): Promise<string | undefined> {
  if (serverUrl === '') return 'The old login names no server: log in again.'
  if (await deps.hasLogin(serverUrl)) {
    return `You are logged in at ${serverUrl} already: the old login was left where it is.`
  }
  try {
    const isGood = await deps.adoptToken(serverUrl, token)
    return isGood ? undefined : `The old login does not work any more: log in at ${serverUrl}.`
  } catch (error) {
    if (!(error instanceof SpeechError)) throw error
    return `The old login could not be checked: log in. ${error.message}`
  }
}

async function readText(path: string): Promise<string> {
  let file
  try {
    const stats = await stat(path)
    if (!stats.isFile()) throw new HostError('refused', `${path} is no file.`)
    if (stats.size > FILE_BYTES_MAX) {
      const message = 'This file is larger than 64 KB: choose the old settings file.'
      throw new HostError('refused', message)
    }
    file = await open(path)
    return await file.readFile('utf8')
  } catch (error) {
    if (error instanceof HostError) throw error
    const { code = 'unknown error' } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw new HostError('not_found', `There is no file ${path}.`)
    throw new HostError('refused', `${path} cannot be read (${code}).`)
  } finally {
    await file?.close()
  }
}
