import type { TRPCClient } from '@trpc/client'
import { createTRPCClient } from '@trpc/client'
import type { CaptionMessage, DesktopState } from '../../api/desktop-state.ts'
import type { DesktopRouter } from '../../api/router.ts'
import type { Settings } from '../../settings/settings.ts'
import type { ShownCaptions } from './captions-store.ts'
import { addCaptionMessage, NO_CAPTIONS } from './captions-store.ts'
import type { LiveValue } from './live-value.ts'
import { createLiveValue } from './live-value.ts'
import type { RpcChannel } from './rpc-channel.ts'
import { rpcLink } from './rpc-link.ts'

export type DesktopClient = TRPCClient<DesktopRouter>

/** The host as the window knows it: what it told last, and what can be asked of it. */
export interface Desktop {
  readonly client: DesktopClient
  readonly state: LiveValue<DesktopState | undefined>
  readonly settings: LiveValue<Settings | undefined>
  readonly captions: LiveValue<ShownCaptions>
  readonly isConnected: LiveValue<boolean>
}

/** Subscribes to everything that the whole window needs, for as long as the window lives. */
export function createDesktop(channel: RpcChannel): Desktop {
  const isConnected = createLiveValue(true)
  channel.onOpenChange(isConnected.set)
  const client = createTRPCClient<DesktopRouter>({ links: [rpcLink(channel)] })
  const state = createLiveValue<DesktopState | undefined>(undefined)
  const settings = createLiveValue<Settings | undefined>(undefined)
  const captions = createLiveValue(NO_CAPTIONS)
  // JSON leaves out what is undefined, which reads the same.
  client.state.onState.subscribe(undefined, {
    onData: (value) => state.set(value as DesktopState),
  })
  client.settings.onSettings.subscribe(undefined, { onData: settings.set })
  client.captions.onCaptions.subscribe(undefined, {
    onData: (message: CaptionMessage) => captions.set(addCaptionMessage(captions.get(), message)),
  })
  return { client, state, settings, captions, isConnected }
}
