import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A sound server whose only device is a null sink: its monitor records what is played into it. */
export interface PulseServer {
  /** Where its clients reach it, `unix:…`. */
  readonly address: string
  /** Plays a WAV file; resolves when it has been played. */
  play(wavFile: string): Promise<void>
  /** At once, as when a plug is pulled. */
  close(): Promise<void>
}

const DEADLINE_MS = 30_000

/** @param channels of the null sink, at 16 kHz */
export async function startPulseServer(sink: string, channels = 1): Promise<PulseServer> {
  const folder = mkdtempSync(join(tmpdir(), 'saywire-pulse-'))
  const socket = join(folder, 'native')
  const address = `unix:${socket}`
  const env = { ...process.env, XDG_RUNTIME_DIR: folder, HOME: folder, PULSE_SERVER: address }
  const run = (program: string, args: string[]) => spawn(program, args, { env, stdio: 'ignore' })
  const server = run('pulseaudio', [
    '-n',
    '--daemonize=no',
    '--use-pid-file=no',
    '--exit-idle-time=-1',
    '--disable-shm=yes',
    '--realtime=no',
    '--high-priority=no',
    `--load=module-native-protocol-unix socket=${socket} auth-anonymous=1`,
    `--load=module-null-sink sink_name=${sink} rate=16000 channels=${channels} format=s16le`,
  ])

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
    address,
    async play(wavFile) {
      const code = await ended(run('paplay', [`--device=${sink}`, wavFile]))
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
