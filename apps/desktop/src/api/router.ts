import { z } from 'zod'
import { serverUrlSchema } from '../settings/settings.ts'
import { settingsPatchSchema } from '../settings/settings-patch.ts'
import { captionMessages } from './caption-messages.ts'
import type { DesktopServices } from './desktop-services.ts'
import { TRANSCRIPT_FORMATS } from './desktop-services.ts'
import { newestValue } from './newest-value.ts'
import { procedure, router } from './trpc.ts'

/** Shortest time between two values of a subscription, ms. */
const STATE_EVERY_MS = 100
const LEVEL_EVERY_MS = 50

/** An uploaded font of 10 MB, as base64. */
const FONT_CHARS_MAX = 14_000_000

const name = z.string().min(1).max(300)
const format = z.enum(TRANSCRIPT_FORMATS)
const overlay = z.object({ overlay: z.string().max(64) })
const entry = z.object({ id: name })
const credentials = z.object({
  serverUrl: serverUrlSchema,
  email: z.email('write your e-mail address').max(320),
  password: z.string().min(1).max(1024),
})
const order = z.union([
  z.strictObject({ packageId: name }),
  z.strictObject({ amountCents: z.int().positive() }),
])

/** Never aborted, where a caller brings no signal. */
const forever = new AbortController().signal

/**
 * Everything that a window can ask of the host: one typed contract, each input parsed here, and
 * nothing secret in any answer.
 */
export function createDesktopRouter(host: DesktopServices) {
  return router({
    state: router({
      get: procedure.query(() => host.state.get()),
      onState: procedure.subscription(async function* ({ signal = forever }) {
        yield* newestValue(host.state, STATE_EVERY_MS, signal)
      }),
    }),
    captions: router({
      onCaptions: procedure.subscription(async function* ({ signal = forever }) {
        yield* captionMessages(host.captions, signal)
      }),
      clear: procedure.mutation(() => host.captions.clear()),
      save: procedure
        .input(z.object({ format }))
        .mutation(async ({ input }) => host.captions.save(input.format)),
    }),
    session: router({
      start: procedure.mutation(async () => host.session.start()),
      stop: procedure.mutation(async () => host.session.stop()),
      toggle: procedure.mutation(async () => host.session.toggle()),
      mute: procedure
        .input(z.object({ muted: z.boolean() }))
        .mutation(({ input }) => host.session.mute(input.muted)),
    }),
    microphone: router({
      onLevel: procedure.subscription(async function* ({ signal = forever }) {
        yield* newestValue(host.microphone.level, LEVEL_EVERY_MS, signal)
      }),
      hint: procedure.mutation(() => host.microphone.hint()),
    }),
    settings: router({
      get: procedure.query(() => host.settings.get()),
      onSettings: procedure.subscription(async function* ({ signal = forever }) {
        yield* newestValue(host.settings, STATE_EVERY_MS, signal)
      }),
      update: procedure
        .input(settingsPatchSchema)
        .mutation(({ input }) => host.settings.update(input)),
      importYaml: procedure
        .input(z.object({ path: z.string().min(1).max(4096).optional() }))
        .mutation(async ({ input }) => host.settings.importYaml(input.path)),
    }),
    models: router({
      fetch: procedure
        .input(z.object({ name }))
        .mutation(async ({ input }) => host.models.fetch(input.name)),
      cancel: procedure.mutation(() => host.models.cancel()),
      remove: procedure
        .input(z.object({ name }))
        .mutation(async ({ input }) => host.models.remove(input.name)),
      recommend: procedure
        .input(z.object({ again: z.boolean() }))
        .mutation(async ({ input }) => host.models.recommend(input.again)),
    }),
    account: router({
      register: procedure
        .input(credentials)
        .mutation(async ({ input }) => host.account.enter('register', input)),
      login: procedure
        .input(credentials)
        .mutation(async ({ input }) => host.account.enter('login', input)),
      logout: procedure.mutation(async () => host.account.logout()),
      packages: procedure.query(async () => host.account.packages()),
      buy: procedure.input(order).mutation(async ({ input }) => host.account.buy(input)),
    }),
    deepgram: router({
      setKey: procedure
        .input(z.object({ key: z.string().trim().min(8).max(300) }))
        .mutation(async ({ input }) => host.deepgram.setKey(input.key)),
      removeKey: procedure.mutation(async () => host.deepgram.removeKey()),
    }),
    obs: router({
      setPassword: procedure
        .input(z.object({ password: z.string().max(300) }))
        .mutation(async ({ input }) => host.obs.setPassword(input.password)),
      addBrowserSource: procedure
        .input(overlay)
        .mutation(async ({ input }) => host.obs.addBrowserSource(input.overlay)),
      inputs: procedure.query(async () => host.obs.inputs()),
      scenes: procedure.query(async () => host.obs.scenes()),
    }),
    overlay: router({
      copyUrl: procedure
        .input(overlay)
        .mutation(({ input }) => host.overlay.copyUrl(input.overlay)),
      openPage: procedure
        .input(overlay)
        .mutation(async ({ input }) => host.overlay.openPage(input.overlay)),
      addFont: procedure
        .input(z.object({ name, base64: z.string().max(FONT_CHARS_MAX) }))
        .mutation(async ({ input }) => host.overlay.addFont(input.name, input.base64)),
      removeFont: procedure
        .input(entry)
        .mutation(async ({ input }) => host.overlay.removeFont(input.id)),
    }),
    history: router({
      list: procedure
        .input(z.object({ search: z.string().max(200).optional(), cursor: name.optional() }))
        .query(async ({ input }) => host.history.list(input)),
      export: procedure
        .input(entry.extend({ format }))
        .mutation(async ({ input }) => host.history.export(input.id, input.format)),
      rename: procedure
        .input(entry.extend({ title: z.string().trim().min(1).max(200) }))
        .mutation(async ({ input }) => host.history.rename(input.id, input.title)),
      remove: procedure.input(entry).mutation(async ({ input }) => host.history.remove(input.id)),
      show: procedure.input(entry).mutation(async ({ input }) => host.history.show(input.id)),
    }),
    files: router({
      chooseFolder: procedure.mutation(async () => host.files.chooseFolder()),
      openFolder: procedure.mutation(async () => host.files.openFolder()),
    }),
    recordings: router({
      list: procedure.query(async () => host.recordings.list()),
      show: procedure.input(entry).mutation(async ({ input }) => host.recordings.show(input.id)),
      saveCopy: procedure
        .input(entry)
        .mutation(async ({ input }) => host.recordings.saveCopy(input.id)),
      remove: procedure
        .input(entry)
        .mutation(async ({ input }) => host.recordings.remove(input.id)),
    }),
    app: router({
      info: procedure.query(() => host.app.info()),
      finishFirstRun: procedure.mutation(() => host.app.finishFirstRun()),
      dismissNotice: procedure
        .input(z.object({ id: z.int().min(0) }))
        .mutation(({ input }) => host.app.dismissNotice(input.id)),
      openLogs: procedure.mutation(() => host.app.openLogs()),
      installUpdate: procedure.mutation(() => host.app.installUpdate()),
    }),
  })
}

export type DesktopRouter = ReturnType<typeof createDesktopRouter>
