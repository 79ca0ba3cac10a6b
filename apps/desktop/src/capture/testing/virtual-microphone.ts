import type { ChildProcess } from 'node:child_process'
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Why there can be no virtual microphone here; undefined where there can. */
export const virtualMicrophoneMissing: string | undefined = ['pulseaudio', 'pacat'].find(
  (program) => spawnSync(program, ['--version']).status !== 0,
)

/** A microphone without a sound card: what is played into it is what it records. */
export interface VirtualMicrophone {
  /** Name of the capture device. */
  readonly device: string
  /** Environment in which PortAudio finds it. */
  readonly env: Readonly<Record<string, string>>
  /** Plays a WAV file into it; resolves when it has been played. */
  play(wavFile: string): Promise<void>
  close(): Promise<void>
}

const DEADLINE_MS = 30_000

/** Starts a PulseAudio server of its own, with a null sink whose monitor is the microphone. */
export async function createVirtualMicrophone(): Promise<VirtualMicrophone> {
  const folder = mkdtempSync(join(tmpdir(), 'saywire-vmic-'))
  const socket = join(folder, 'native')
  const alsaConfig = join(folder, 'asound.conf')
  const pcm = `{ type pulse server "unix:${socket}" device "vmic.monitor" }`
  // Only this device: the machine's own configuration would bring devices of its own. PortAudio
  // insists on a default.
  writeFileSync(alsaConfig, `pcm.vmic ${pcm}\npcm.default ${pcm}\n`)
  const pulseEnv = { XDG_RUNTIME_DIR: folder, HOME: folder, PULSE_SERVER: `unix:${socket}` }
  const server = spawn(
    'pulseaudio',
    [
      '-n',
      '--daemonize=no',
      '--use-pid-file=no',
      '--exit-idle-time=-1',
      '--disable-shm=yes',
      '--realtime=no',
      '--high-priority=no',
      `--load=module-native-protocol-unix socket=${socket} auth-anonymous=1`,
      '--load=module-null-sink sink_name=vmic rate=16000 channels=1 format=s16le',
    ],
    { env: { ...process.env, ...pulseEnv }, stdio: 'ignore' },
  )
  const run = (program: string, args: string[]): ChildProcess =>
    spawn(program, args, { env: { ...process.env, ...pulseEnv }, stdio: 'ignore' })

  async function close(): Promise<void> {
    await ended(server, () => server.kill('SIGKILL'))
    rmSync(folder, { recursive: true, force: true })
  }

  const deadlineMs = performance.now() + DEADLINE_MS
  while ((await ended(run('pactl', ['info']))) !== 0) {
    if (performance.now() > deadlineMs || server.exitCode !== null) {
      await close()
      throw new Error('PulseAudio did not start')
    }
    await sleep(100)
  }
  return {
    device: 'vmic',
    env: { ALSA_CONFIG_PATH: alsaConfig, PULSE_SERVER: pulseEnv.PULSE_SERVER },
    async play(wavFile) {
      const code = await ended(run('paplay', ['--device=vmic', wavFile]))
      if (code !== 0) throw new Error(`paplay ended with ${code}`)
    },
    close,
  }
}

async function ended(child: ChildProcess, act?: () => void): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  return new Promise((resolve) => {
    child.once('exit', resolve)
    child.once('error', () => resolve(null))
    act?.()
  })
}
