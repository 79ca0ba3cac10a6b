import type { SpeechEngine } from '@saywire/speech'
import { SpeechError } from '@saywire/speech'
import type { DesktopState, StandInView } from '../api/desktop-state.ts'
import type { Settings } from '../settings/settings.ts'
import { canStandIn, hasModel, knowsLanguage } from './start-blockers.ts'

export interface StandInDeps {
  settings(): Pick<Settings, 'transcription' | 'continuity'>
  model(): DesktopState['model']
  createEngine(model: string): SpeechEngine
  publish(view: StandInView): void
  /** It can be had from now on, or no more. */
  onUsable(isUsable: boolean): void
}

/** The local engine that speaks while the chosen one cannot, and is loaded before it is needed. */
export interface StandIn {
  readonly isUsable: boolean
  /** A session begins: what is to be in memory is loaded. */
  begin(): void
  /** For the session that has begun. @throws SpeechError `model_unavailable` */
  engine(): SpeechEngine
  /** The session is over: all memory is given back. Never rejects. */
  end(): Promise<void>
  /** Settings or models may have changed. Cheap. */
  check(): void
}

interface Loaded {
  readonly model: string
  readonly engine: SpeechEngine
  /** It speaks, or has spoken: its sessions may still be open. */
  isUsed: boolean
  warmth: Extract<StandInView['status'], 'cold' | 'loading' | 'warm' | 'failed'>
  sentence: string | undefined
  /** How often it was to be in memory, or not any more. */
  wishes: number
}

/**
 * Memory is held during sessions only: a window that waits in the tray costs nothing for it.
 */
export function createStandIn(deps: StandInDeps): StandIn {
  let inSession = false
  let loaded: Loaded | undefined
  /** Of models that were chosen before, in this session. */
  let former: SpeechEngine[] = []
  let wasUsable = false
  let published = ''

  function status(): StandInView['status'] {
    const { transcription, continuity } = deps.settings()
    if (transcription.mode === 'local' || !continuity.localFallback) return 'off'
    if (!hasModel(deps.model(), transcription.localModel)) return 'missing'
    if (!knowsLanguage(deps.model(), transcription)) return 'unfit'
    return loaded?.model === transcription.localModel ? loaded.warmth : 'cold'
  }

  const isUsable = () => canStandIn(view())

  function view(): StandInView {
    const { localModel: model } = deps.settings().transcription
    return { status: status(), model, sentence: loaded?.sentence }
  }

  function load(): Loaded {
    const { localModel: model } = deps.settings().transcription
    if (loaded?.model === model) return loaded
    letGo()
    loaded = {
      model,
      engine: deps.createEngine(model),
      isUsed: false,
      warmth: 'cold',
      sentence: undefined,
      wishes: 0,
    }
    return loaded
  }

  function letGo(): void {
    if (!loaded) return
    if (loaded.isUsed) former.push(loaded.engine)
    else void loaded.engine.dispose?.()
    cool(loaded)
    loaded = undefined
  }

  /** Its memory is given back as soon as nobody speaks with it. */
  function cool(one: Loaded): void {
    if (one.warmth === 'cold') return
    one.warmth = 'cold'
    one.sentence = undefined
    one.wishes += 1
    one.engine.cool?.()
  }

  async function warm(one: Loaded): Promise<void> {
    if (one.warmth !== 'cold' || !one.engine.warm) return
    one.warmth = 'loading'
    const mine = (one.wishes += 1)
    try {
      await one.engine.warm()
      // It may have been let go of, and be wanted anew, meanwhile.
      if (mine === one.wishes) one.warmth = 'warm'
    } catch (error) {
      if (mine !== one.wishes) return
      one.warmth = 'failed'
      one.sentence =
        error instanceof SpeechError ? error.message : 'The local model failed to load.'
    }
    show()
  }

  function show(): void {
    const text = JSON.stringify(view())
    if (text === published) return
    published = text
    deps.publish(view())
  }

  function check(): void {
    const usable = isUsable()
    const { localModel } = deps.settings().transcription
    const isKept = inSession && usable && deps.settings().continuity.keepWarm
    // First, so that nobody speaks any more with what is let go.
    if (usable !== wasUsable) {
      wasUsable = usable
      deps.onUsable(usable)
    }
    if (isKept) void warm(load())
    else if (loaded && (!loaded.isUsed || loaded.model !== localModel)) letGo()
    else if (loaded) cool(loaded)
    show()
  }

  return {
    get isUsable() {
      return isUsable()
    },
    begin() {
      inSession = true
      check()
    },
    engine() {
      if (!isUsable()) {
        throw new SpeechError('model_unavailable', 'There is no local model to fall back to.')
      }
      const one = load()
      one.isUsed = true
      return one.engine
    },
    async end() {
      inSession = false
      const engines = loaded ? [...former, loaded.engine] : former
      loaded = undefined
      former = []
      await Promise.allSettled(engines.map(async (engine) => engine.dispose?.()))
      check()
    },
    check,
  }
}
