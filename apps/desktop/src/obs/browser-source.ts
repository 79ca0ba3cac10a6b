import { isRefusal } from './obs-error.ts'
import { namesOf } from './obs-lists.ts'
import type { ObsSession } from './obs-session.ts'

const BROWSER_SOURCE = 'browser_source'

export interface BrowserSourceOrder {
  /** Name of the source in OBS. */
  readonly name: string
  readonly overlayUrl: string
  /** Name of a scene; the one on air where left out. */
  readonly scene?: string
}

/** What was done, and a sentence that says so. */
export interface BrowserSourceResult {
  readonly outcome:
    | 'created'
    /** It was there already, but not in this scene. */
    | 'added_to_scene'
    | 'updated'
    /** Something else has this name in OBS; it was left alone. */
    | 'name_taken'
    /** This OBS comes without browser sources. */
    | 'no_browser_sources'
    | 'scene_missing'
  readonly sentence: string
}

/**
 * Shows the overlay in OBS: updates the browser source that shows it already, or creates one on top of
 * the scene. Sources that are not ours are never touched.
 * @throws ObsError where OBS went away or refused for another reason
 */
export async function addBrowserSource(
  session: ObsSession,
  order: BrowserSourceOrder,
): Promise<BrowserSourceResult> {
  const scene =
    order.scene ?? (await session.call('GetCurrentProgramScene')).currentProgramSceneName
  const settings = await sourceSettings(session, order.overlayUrl)
  const inputName = await findOurs(session, order)
  if (inputName === undefined) return create(session, order.name, scene, settings)

  await session.call('SetInputSettings', { inputName, inputSettings: settings })
  return (await isInScene(session, scene, inputName))
    ? { outcome: 'updated', sentence: `OBS shows the captions in its source "${inputName}".` }
    : addToScene(session, inputName, scene)
}

/** The whole canvas, always running: a page that sleeps with its scene would miss captions. */
async function sourceSettings(session: ObsSession, overlayUrl: string) {
  const { baseWidth, baseHeight } = await session.call('GetVideoSettings')
  return {
    is_local_file: false,
    url: overlayUrl,
    width: baseWidth,
    height: baseHeight,
    shutdown: false,
    restart_when_active: false,
    css: '',
  }
}

/** The input that shows our page, or else the one of our name if it is a page of this computer. */
async function findOurs(session: ObsSession, order: BrowserSourceOrder) {
  const { inputs } = await session.call('GetInputList', { inputKind: BROWSER_SOURCE })
  let named: string | undefined
  for (const inputName of namesOf(inputs, 'inputName')) {
    const { inputSettings } = await session.call('GetInputSettings', { inputName })
    // It shows a file of the user's, whatever address it once had.
    if (inputSettings['is_local_file'] === true) continue
    const url = pageOf(inputSettings['url'])
    if (url !== undefined && url.href === pageOf(order.overlayUrl)?.href) return inputName
    const isLocal = url === undefined || url.hostname === '127.0.0.1'
    if (inputName === order.name && isLocal) named = inputName
  }
  return named
}

/** `localhost` and 127.0.0.1 are one to OBS. */
function pageOf(url: unknown): URL | undefined {
  const page = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined
  if (page?.hostname === 'localhost') page.hostname = '127.0.0.1'
  return page
}

async function isInScene(session: ObsSession, sceneName: string, sourceName: string) {
  try {
    await session.call('GetSceneItemId', { sceneName, sourceName })
    return true
  } catch (error) {
    if (isRefusal(error, 'resourceNotFound')) return false
    throw error
  }
}

async function addToScene(
  session: ObsSession,
  sourceName: string,
  sceneName: string,
): Promise<BrowserSourceResult> {
  try {
    await session.call('CreateSceneItem', { sceneName, sourceName })
  } catch (error) {
    if (isRefusal(error, 'resourceNotFound')) return sceneMissing(sceneName)
    throw error
  }
  const sentence = `The source "${sourceName}" was added to the scene "${sceneName}".`
  return { outcome: 'added_to_scene', sentence }
}

/** OBS puts what is new on top of the scene. */
async function create(
  session: ObsSession,
  inputName: string,
  sceneName: string,
  inputSettings: Awaited<ReturnType<typeof sourceSettings>>,
): Promise<BrowserSourceResult> {
  try {
    const inputKind = BROWSER_SOURCE
    await session.call('CreateInput', { sceneName, inputName, inputKind, inputSettings })
  } catch (error) {
    if (isRefusal(error, 'resourceAlreadyExists')) return nameTaken(inputName)
    if (isRefusal(error, 'resourceNotFound')) return sceneMissing(sceneName)
    if (isRefusal(error, 'invalidInputKind')) {
      const sentence =
        'This OBS has no browser sources: install OBS from obsproject.com, or its browser plug-in.'
      return { outcome: 'no_browser_sources', sentence }
    }
    throw error
  }
  const sentence = `The source "${inputName}" was added on top of the scene "${sceneName}".`
  return { outcome: 'created', sentence }
}

function nameTaken(name: string): BrowserSourceResult {
  const sentence = `OBS has something else that is called "${name}": rename it there and try again.`
  return { outcome: 'name_taken', sentence }
}

function sceneMissing(name: string): BrowserSourceResult {
  const sentence = `OBS has no scene that is called "${name}": choose another one.`
  return { outcome: 'scene_missing', sentence }
}
