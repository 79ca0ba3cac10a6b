import { useEffect, useState } from 'react'
import { useClient, useDesktopState, useSettings } from '../api/hooks.ts'
import { useAction } from '../api/use-action.ts'
import { useSetting } from '../api/use-setting.ts'
import { OverlayAddress } from '../overlay/overlay-address.tsx'
import { SecretForm } from '../ui/secret-form.tsx'
import { SettingRadios, SettingSelect } from '../ui/setting-choice.tsx'
import { SettingSwitch } from '../ui/setting-switch.tsx'
import { SettingText } from '../ui/setting-text.tsx'
import { Group } from './group.tsx'

const FOLLOW = [
  { value: 'none', name: 'Only when I press Start' },
  { value: 'stream', name: 'With the stream' },
  { value: 'recording', name: 'With the recording' },
  { value: 'either', name: 'With the stream or the recording' },
] as const

const STATUS = {
  off: ['', 'off'],
  connecting: ['', 'connecting …'],
  connected: ['good', 'connected'],
  wrong_password: ['bad', 'wrong password'],
  unreachable: ['warn', 'not reachable'],
} as const

/** The connection to OBS, and what Saywire does with it. */
export function ObsSection() {
  const enabled = useSetting('obs', 'enabled')
  const { status, sentence, version, hasPassword } = useDesktopState().obs
  const [tone, word] = STATUS[status]
  const [first] = useSettings().overlay.overlays
  return (
    <>
      <Group title="Connection">
        <SettingSwitch
          label="Connect to OBS"
          hint="Needs “Enable WebSocket server” in OBS, under Tools → WebSocket Server Settings."
          value={enabled.value}
          problem={enabled.problem}
          onChange={enabled.set}
        />
        <p className="obs-status" role="status">
          <span className={`chip ${tone}`}>
            {status === 'wrong_password' && !hasPassword ? 'needs a password' : word}
          </span>
          <span className="quiet-text">{status === 'connected' ? `OBS ${version}` : sentence}</span>
        </p>
        {enabled.value && <ObsAddress />}
      </Group>
      {enabled.value && <ObsUses />}
      <Group title="Browser source">
        <OverlayAddress overlay={first?.name ?? 'main'} isFirst />
      </Group>
    </>
  )
}

function ObsAddress() {
  const client = useClient()
  const { hasPassword } = useDesktopState().obs
  const url = useSetting('obs', 'url')
  const password = useAction(async (secret: string) =>
    client.obs.setPassword.mutate({ password: secret }),
  )
  return (
    <>
      <SettingText
        label="Address"
        type="url"
        value={url.value}
        problem={url.problem}
        onCommit={async (value) => url.set(value)}
      />
      <SecretForm
        label="Password"
        submitLabel={hasPassword ? 'Replace' : 'Keep'}
        placeholder={hasPassword ? 'kept' : undefined}
        isPending={password.isPending}
        problem={password.problem}
        onSubmit={password.run}
      />
    </>
  )
}

function ObsUses() {
  const sendCaptions = useSetting('obs', 'sendCaptions')
  const captionInterims = useSetting('obs', 'captionInterims')
  const follow = useSetting('obs', 'follow')
  const muteInput = useSetting('obs', 'muteInput')
  const inputs = useObsInputs()
  const names = new Set([...inputs, muteInput.value].filter(Boolean))
  return (
    <Group title="What Saywire does with it">
      <SettingSwitch
        label="Send closed captions with the stream"
        hint="Viewers turn them on with the CC button, on Twitch for one."
        value={sendCaptions.value}
        problem={sendCaptions.problem}
        onChange={sendCaptions.set}
      />
      {sendCaptions.value && (
        <SettingSwitch
          label="Let closed captions grow while they are spoken"
          hint="Otherwise each comes when its words are final."
          value={captionInterims.value}
          problem={captionInterims.problem}
          onChange={captionInterims.set}
        />
      )}
      <SettingRadios
        label="Captions start and stop"
        value={follow.value}
        options={FOLLOW}
        problem={follow.problem}
        onChoose={follow.set}
      />
      <SettingSelect
        label="Be muted when this OBS source is"
        value={muteInput.value}
        options={[
          { value: '', name: 'None' },
          ...[...names].map((name) => ({ value: name, name })),
        ]}
        problem={muteInput.problem}
        onChoose={muteInput.set}
      />
    </Group>
  )
}

/** Sources of OBS that have sound; none while it is not connected. */
function useObsInputs(): readonly string[] {
  const client = useClient()
  const isConnected = useDesktopState().obs.status === 'connected'
  const [inputs, setInputs] = useState<readonly string[]>([])
  useEffect(() => {
    if (!isConnected) return
    client.obs.inputs.query().then(setInputs, () => undefined)
  }, [client, isConnected])
  return inputs
}
