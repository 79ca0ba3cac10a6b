import type { DesktopState, HotkeyView } from '../api/desktop-state.ts'
import type { HotkeyAction, Settings } from '../settings/settings.ts'
import { HOTKEY_ACTIONS } from '../settings/settings.ts'
import type { HotkeyOutcome, ShellPort } from './shell-port.ts'

export interface HotkeyActions {
  start(): Promise<void>
  stop(): Promise<void>
  toggle(): Promise<void>
  toggleMute(): void
  mute(muted: boolean): void
  /** @throws HostError where there is none */
  nextLanguage(): void
}

export interface HotkeysDeps {
  readonly shell: Pick<ShellPort, 'setHotkeys'>
  readonly actions: HotkeyActions
  readonly ctlCommand: string
  publish(views: DesktopState['hotkeys']): void
  onNotice(level: 'warning', sentence: string): void
}

/** The verb of `saywire ctl` that does what a hotkey would. */
const CTL_VERBS = {
  toggle: 'toggle',
  start: 'start',
  stop: 'stop',
  mute: 'mute',
  pushToTalk: 'unmute',
  nextLanguage: 'language',
} as const satisfies Record<HotkeyAction, string>

/** Global hotkeys: what they do, and what became of each. */
export function createHotkeysArea(deps: HotkeysDeps) {
  const { shell, actions, publish } = deps
  let talksByKey = false

  async function act(action: HotkeyAction, edge: 'pressed' | 'released'): Promise<void> {
    if (action === 'pushToTalk') return actions.mute(edge === 'released')
    if (edge === 'released') return
    if (action === 'mute') return actions.toggleMute()
    await actions[action]()
  }

  function toView(action: HotkeyAction, status: HotkeyOutcome): HotkeyView {
    return { status, sentence: sentences[status](`${deps.ctlCommand} ${CTL_VERBS[action]}`) }
  }

  return {
    async apply(hotkeys: Settings['hotkeys']): Promise<void> {
      const repeated = repeatedIn(hotkeys)
      const unique = { ...hotkeys, ...Object.fromEntries(repeated.map((action) => [action, ''])) }
      const outcomes = await shell.setHotkeys(unique, (action, edge) => {
        act(action, edge).catch((error: Error) => deps.onNotice('warning', error.message))
      })
      // Who talks by holding a key is muted while it is not held, from the beginning.
      const talksNow = outcomes.pushToTalk === 'active'
      if (talksNow !== talksByKey) actions.mute(talksNow)
      talksByKey = talksNow
      const entries = Object.entries(outcomes) as [HotkeyAction, HotkeyOutcome][]
      const views = entries.map(([action, status]) => [action, toView(action, status)])
      const refusals = repeated.map((action) => [action, REPEATED])
      publish(Object.fromEntries([...views, ...refusals]) as DesktopState['hotkeys'])
    },
  }
}

const REPEATED: HotkeyView = {
  status: 'taken',
  sentence: 'You chose this hotkey for something else, too: choose another one.',
}

/** Actions whose hotkey an earlier action has already. */
function repeatedIn(hotkeys: Settings['hotkeys']): HotkeyAction[] {
  const seen = new Set<string>()
  return HOTKEY_ACTIONS.filter((action) => {
    const keys = hotkeys[action].toLowerCase().split('+').toSorted().join('+')
    const isRepeated = keys !== '' && seen.has(keys)
    seen.add(keys)
    return isRepeated
  })
}

const sentences = {
  none: () => undefined,
  active: () => undefined,
  taken: () => 'Another program has this hotkey: choose another one.',
  unsupported: (command: string) =>
    `This desktop does not deliver this hotkey: have its own keyboard settings run "${command}".`,
} as const satisfies Record<HotkeyOutcome, (command: string) => string | undefined>
