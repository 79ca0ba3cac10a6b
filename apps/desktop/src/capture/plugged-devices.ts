import { readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Sound cards, and what can be opened of each: `01-00: USB Audio : USB Audio : capture 1`. */
const CARDS = '/proc/asound/cards'
const PCMS = '/proc/asound/pcm'
const ALSA_CONFIGS = ['/usr/share/alsa/alsa.conf', '/etc/asound.conf', '/etc/alsa/conf.d']

export interface PluggedDevices {
  /** Capture devices as ALSA numbers them: `hw:1,0`. */
  readonly plugged: readonly string[]
  /** Changes when a sound card or ALSA's configuration does. */
  readonly fingerprint: string
}

/**
 * What the Linux kernel and ALSA's configuration say of sound devices, without opening any: asking
 * costs next to nothing, where PortAudio opens each device to look at it, and so may be in the way
 * of another program. Undefined on other systems.
 * @param alsaConfigFile the one that ALSA was told to read, if any
 */
export async function lookAtPluggedDevices(
  alsaConfigFile: string | undefined,
): Promise<PluggedDevices | undefined> {
  if (process.platform !== 'linux') return undefined
  const [cards, pcms] = await Promise.all([CARDS, PCMS].map(readText))
  const configs = [...ALSA_CONFIGS, join(homedir(), '.asoundrc'), alsaConfigFile ?? '']
  const changed = await Promise.all(configs.map(version))
  const plugged = [...(pcms ?? '').matchAll(/^(\d+)-(\d+):.*capture/gm)].map(
    ([, card, device]) => `hw:${Number(card)},${Number(device)}`,
  )
  return { plugged, fingerprint: [cards, pcms, ...changed].join('\n') }
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}

async function version(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => undefined)
  return found ? `${found.ino} ${found.mtimeNs} ${found.size}` : ''
}
