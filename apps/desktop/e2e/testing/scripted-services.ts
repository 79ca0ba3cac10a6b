import type { DesktopServices, HistoryEntryView, Offer } from '../../src/api/desktop-services.ts'
import type { CaptionMessage, DesktopState, LevelView } from '../../src/api/desktop-state.ts'
import type { Settings } from '../../src/settings/settings.ts'
import { HostError } from '../../src/api/host-error.ts'
import { applyPatch } from '../../src/settings/settings-patch.ts'
import type { Live } from './live.ts'

/** What a test sets, and a window shows. */
export interface Script {
  readonly state: Live<DesktopState>
  readonly settings: Live<Settings>
  readonly captions: Live<CaptionMessage>
  readonly level: Live<LevelView>
  readonly history: Live<readonly HistoryEntryView[]>
  /** Why the next starts fail. */
  readonly refusals: string[]
  /** Each call that changes something, with what it was given. */
  readonly calls: (readonly [name: string, ...given: unknown[]])[]
}

const OFFER: Offer = {
  buying: true,
  packages: [
    { id: 'p5', label: '5 hours', seconds: 18_000, price_cents: 500, currency: 'usd' },
    { id: 'p20', label: '20 hours', seconds: 72_000, price_cents: 1800, currency: 'usd' },
  ],
  custom: { seconds_per_dollar: 3600, min_cents: 300, max_cents: 20_000 },
}

/** The host's services over what a script says: for states that are hard to provoke. */
export function createScriptedServices(script: Script): DesktopServices {
  const { state, settings, captions, level, history, calls } = script
  const note =
    (name: string) =>
    (...given: unknown[]): void =>
      void calls.push([name, ...given])
  const noteLater =
    (name: string) =>
    async (...given: unknown[]): Promise<void> =>
      note(name)(...given)
  const patch = (change: Partial<DesktopState>): void => state.set({ ...state.get(), ...change })
  const update = (patch: Parameters<typeof applyPatch>[1]): Settings => {
    const next = applyPatch(settings.get(), patch)
    settings.set(next)
    return next
  }
  let shown: Extract<CaptionMessage, { type: 'snapshot' }> = {
    type: 'snapshot',
    captions: [],
    interim: '',
  }
  captions.onChange((message) => {
    if (message.type === 'snapshot') shown = message
    if (message.type === 'final') {
      shown = { ...shown, captions: [...shown.captions, message.caption], interim: '' }
    }
    if (message.type === 'interim') shown = { ...shown, interim: message.text }
  })

  return {
    state,
    captions: {
      snapshot: () => shown,
      onMessage: captions.onChange,
      clear: () => captions.set({ type: 'snapshot', captions: [], interim: '' }),
      async save(format) {
        note('captions.save')(format)
        return { path: `/home/sam/captions.${format}` }
      },
    },
    session: {
      async start() {
        const refusal = script.refusals.shift()
        if (refusal !== undefined) throw new HostError('refused', refusal)
        note('session.start')()
      },
      stop: noteLater('session.stop'),
      toggle: noteLater('session.toggle'),
      mute(isMuted) {
        const indicator = isMuted ? 'muted' : 'listening'
        patch({ session: { ...state.get().session, isMuted, indicator } })
      },
    },
    microphone: { level, hint: note('microphone.hint') },
    settings: {
      ...settings,
      update,
      importYaml: async () => ({
        imported: ['The transcription mode.', 'The language.'],
        secretsMoved: ['The Deepgram key.'],
        problems: [],
      }),
    },
    models: {
      fetch: noteLater('models.fetch'),
      cancel: note('models.cancel'),
      remove: noteLater('models.remove'),
      recommend: noteLater('models.recommend'),
    },
    account: {
      async enter(how, { serverUrl, email }) {
        note(`account.${how}`)(serverUrl, email)
        const { account } = state.get()
        patch({
          account: { ...account, status: 'logged_in', serverUrl, email, balanceMs: 11_640_000 },
        })
      },
      logout: noteLater('account.logout'),
      packages: async () => OFFER,
      buy: noteLater('account.buy'),
    },
    deepgram: {
      async setKey(key) {
        note('deepgram.setKey')(key)
        const isValid = key.length > 20
        const deepgramKey = isValid
          ? ({ status: 'valid', hint: key.slice(-4), sentence: undefined } as const)
          : ({ status: 'invalid', hint: undefined, sentence: REFUSED } as const)
        patch({ deepgramKey })
        return deepgramKey
      },
      removeKey: async () =>
        patch({ deepgramKey: { status: 'none', hint: undefined, sentence: undefined } }),
    },
    obs: {
      setPassword: noteLater('obs.setPassword'),
      addBrowserSource: async () => 'Saywire’s captions are in the scene “Game”.',
      inputs: async () => ['Mic/Aux', 'Desktop Audio'],
      scenes: async () => ['Game', 'Just chatting'],
    },
    overlay: {
      copyUrl: note('overlay.copyUrl'),
      openPage: noteLater('overlay.openPage'),
      addFont: noteLater('overlay.addFont'),
      removeFont: noteLater('overlay.removeFont'),
    },
    history: {
      list: async ({ search = '' }) => ({
        entries: history.get().filter(({ title }) => title.toLowerCase().includes(search)),
        cursor: null,
      }),
      async export(id, format) {
        note('history.export')(id, format)
        return { path: null }
      },
      async rename(id, title) {
        note('history.rename')(id, title)
      },
      remove: async (id) => history.set(history.get().filter((entry) => entry.id !== id)),
      show: noteLater('history.show'),
    },
    recordings: {
      list: async () => RECORDINGS,
      show: noteLater('recordings.show'),
      saveCopy: async () => ({ path: null }),
      remove: noteLater('recordings.remove'),
    },
    files: { chooseFolder: async () => null, openFolder: noteLater('files.openFolder') },
    app: {
      info: () => ({
        version: '0.1.0',
        platform: 'linux',
        electron: '45.4.1',
        dataDir: '/home/sam/.local/share/saywire',
        ctlCommand: 'saywire ctl',
      }),
      finishFirstRun: () => void update({ app: { firstRunDone: true } }),
      dismissNotice: (id) =>
        patch({ notices: state.get().notices.filter((notice) => notice.id !== id) }),
      openLogs: note('app.openLogs'),
      installUpdate: note('app.installUpdate'),
    },
  }
}

const REFUSED = 'Deepgram does not know this key; copy it again from its console.'

const RECORDINGS = [
  {
    id: '20261121-201503-a1b2c3',
    startedAtMs: Date.UTC(2026, 10, 21, 20, 15),
    bytes: 640_000,
    isLive: true,
  },
  {
    id: '20261120-200200-d4e5f6',
    startedAtMs: Date.UTC(2026, 10, 20, 20, 2),
    bytes: 28_400_000,
    isLive: false,
  },
] as const
