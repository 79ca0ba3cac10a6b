import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { SAMPLE_RATE_HZ } from '@saywire/protocol'
import { z } from 'zod'
import { cpuSOfEnded } from './process-stat.ts'
import type { Span } from './word-times.ts'

const run = promisify(execFile)
const OUTPUT_MAX_BYTES = 16 * 1024 * 1024
const WAV_HEADER_BYTES = 44

/** One file decoded by whisper.cpp's own program. Times are s. */
export interface CliRun {
  readonly text: string
  /** Without starting and without loading the model. */
  readonly tookS: number
  /** All threads, without loading the model; undefined where the system does not tell. */
  readonly cpuS: number | undefined
}

export interface CliWord extends Span {
  readonly text: string
}

export interface WhisperCli {
  /** Such as `whisper.cpp of nodejs-whisper 0.3.1`. */
  readonly version: string
  /** @param flags beyond the model, the threads and the language */
  decode(pcm: Uint8Array, flags: readonly string[]): Promise<CliRun>
  /** When each word is said by Whisper's own account. */
  wordTimes(pcm: Uint8Array): Promise<CliWord[]>
  dispose(): Promise<void>
}

export interface CliSetting {
  /** Where the program is kept once it is built. */
  readonly nativeDir: string
  readonly modelPath: string
  readonly threads: number
  readonly onNotice: (sentence: string) => void
}

const transcriptSchema = z.object({
  transcription: z.array(
    z.object({ text: z.string(), offsets: z.object({ from: z.number(), to: z.number() }) }),
  ),
})
type Parts = z.infer<typeof transcriptSchema>['transcription']

/**
 * whisper-cli, built for exactly this CPU from the sources that the engine is built from; one minute
 * or two the first time.
 */
export async function prepareWhisperCli(setting: CliSetting): Promise<WhisperCli> {
  const { program, version } = await findOrBuild(setting)
  const folder = await mkdtemp(join(tmpdir(), 'saywire-bench-'))
  const wav = join(folder, 'clip.wav')
  const transcript = join(folder, 'clip')

  async function runCli(pcm: Uint8Array, flags: readonly string[]) {
    await writeFile(wav, Buffer.concat([wavHeader(pcm.byteLength), pcm]))
    const args = ['-m', setting.modelPath, '-t', String(setting.threads), '-l', 'en', '-f', wav]
    const before = await cpuSOfEnded()
    const output = await run(program, [...args, '-oj', '-of', transcript, ...flags], {
      maxBuffer: OUTPUT_MAX_BYTES,
    })
    const after = await cpuSOfEnded()
    const cpuS = before === undefined || after === undefined ? undefined : after - before
    const json: unknown = JSON.parse(await readFile(`${transcript}.json`, 'utf8'))
    return { parts: transcriptSchema.parse(json).transcription, timings: output.stderr, cpuS }
  }

  return {
    version,
    async decode(pcm, flags) {
      const { parts, timings, cpuS } = await runCli(pcm, flags)
      const loadS = secondsOf(timings, 'load time')
      return {
        text: parts.map(({ text }) => text).join(''),
        tookS: secondsOf(timings, 'total time') - loadS,
        // Loading is reading and copying, in one thread.
        cpuS: cpuS === undefined ? undefined : Math.max(0, cpuS - loadS),
      }
    },
    async wordTimes(pcm) {
      const { parts } = await runCli(pcm, ['-ml', '1', '-sow'])
      return parts.flatMap(toWord)
    },
    dispose: async () => rm(folder, { recursive: true, force: true }),
  }
}

function toWord({ text, offsets }: Parts[number]): CliWord[] {
  const word = text.trim()
  return word === '' ? [] : [{ text: word, startMs: offsets.from, endMs: offsets.to }]
}

function secondsOf(timings: string, name: string): number {
  const ms = new RegExp(`${name} =\\s*([\\d.]+) ms`).exec(timings)?.[1]
  if (ms === undefined) throw new Error(`whisper-cli does not tell its ${name}: ${timings}`)
  return Number(ms) / 1000
}

async function findOrBuild({ nativeDir, onNotice }: CliSetting) {
  const speech = createRequire(import.meta.url).resolve('@saywire/speech/package.json')
  const manifest = createRequire(speech).resolve('nodejs-whisper/package.json')
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string }
  const header = join(dirname(speech), 'native', 'whole-tile-config.h')
  const name = `whisper-cli-${version}-${await fingerprint(header)}`
  const program = join(nativeDir, name)
  if (!existsSync(program)) {
    onNotice('Building whisper-cli, once: a minute or two …')
    await build(join(dirname(manifest), 'cpp', 'whisper.cpp'), nativeDir, program, header)
  }
  return { program, version: `whisper.cpp of nodejs-whisper ${version}` }
}

/** Puts the program in place in one step. @param header without which older compilers break it (x64) */
async function build(
  sources: string,
  nativeDir: string,
  program: string,
  header: string,
): Promise<void> {
  await mkdir(nativeDir, { recursive: true })
  // Not in nativeDir: the build of the speech library clears away what it takes for its own there.
  const folder = await mkdtemp(join(tmpdir(), 'saywire-whisper-cli-'))
  const options = { maxBuffer: OUTPUT_MAX_BYTES }
  const off = ['BUILD_SHARED_LIBS', 'WHISPER_BUILD_TESTS', 'WHISPER_BUILD_SERVER', 'GGML_CCACHE']
  const on = ['GGML_NATIVE', 'GGML_OPENMP']
  const defines = [...off.map((name) => `-D${name}=OFF`), ...on.map((name) => `-D${name}=ON`)]
  if (process.arch === 'x64' && process.platform !== 'win32') {
    defines.push(`-DCMAKE_CXX_FLAGS=-include "${header}"`)
  }
  try {
    const build = ['-S', sources, '-B', folder, '-DCMAKE_BUILD_TYPE=Release', ...defines]
    await run('cmake', build, options)
    const jobs = String(availableParallelism())
    const target = ['--build', folder, '--target', 'whisper-cli', '--config', 'Release']
    await run('cmake', [...target, '-j', jobs], options)
    const built = join(folder, 'bin', 'whisper-cli')
    await writeFile(`${program}.new`, await readFile(built), { mode: 0o755 })
    await rename(`${program}.new`, program)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The code is made for exactly this CPU. */
async function fingerprint(header: string): Promise<string> {
  const info = await readFile('/proc/cpuinfo', 'utf8').catch(() => '')
  const flags = /^(?:flags|Features)\s*:.*$/m.exec(info)?.[0] ?? ''
  const hash = createHash('sha256').update(`${cpus()[0]?.model ?? ''} ${flags}`)
  return hash
    .update(await readFile(header))
    .digest('hex')
    .slice(0, 12)
}

function wavHeader(dataBytes: number): Buffer {
  const header = Buffer.alloc(WAV_HEADER_BYTES)
  header.write('RIFF', 0, 'ascii')
  header.writeUInt32LE(WAV_HEADER_BYTES - 8 + dataBytes, 4)
  header.write('WAVEfmt ', 8, 'ascii')
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(SAMPLE_RATE_HZ, 24)
  header.writeUInt32LE(SAMPLE_RATE_HZ * 2, 28)
  header.writeUInt16LE(2, 32)
  header.writeUInt16LE(16, 34)
  header.write('data', 36, 'ascii')
  header.writeUInt32LE(dataBytes, 40)
  return header
}
