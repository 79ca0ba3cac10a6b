// Brings a fresh checkout to the point where everything runs. Needs Node and git only; what is
// already done is skipped, so that calling it again costs a moment.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { buildPages } from './build-pages.mjs'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

const NODE_MIN = [20, 19]
const PNPM = 'pnpm@12.21.0'
const WORKSPACES = [
  '.',
  'apps/dashboard',
  'apps/desktop',
  'apps/server',
  'packages/brand',
  'packages/overlay',
  'packages/protocol',
  'packages/speech',
]

/**
 * Exits with one clear sentence where this machine cannot run Saywire.
 * @param {{ pages?: string[] }} options `pages`: what to build, by name; default: everything
 */
export function setUp({ pages } = {}) {
  requireNode()
  installPackages()
  const problem = buildPages(root, pages)
  if (problem) fail(problem)
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])) return
  fail(`Saywire needs Node ${NODE_MIN.join('.')} or later; this is ${process.versions.node}.`)
}

/** Everything that decides what an install produces. */
function fingerprint() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${process.version}`)
  const manifests = WORKSPACES.map((folder) => join(folder, 'package.json'))
  const migrations = join('prisma', 'schema.prisma')
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', migrations, ...manifests]) {
    hash.update(readFileSync(join(root, file)))
  }
  return hash.digest('hex')
}

function installPackages() {
  const stamp = join(root, 'node_modules', '.saywire-setup')
  const wanted = fingerprint()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  console.error('Installing packages (the first time takes a minute or two) …')
  const result = spawnSync(
    'npx',
    ['-y', PNPM, 'install', '--frozen-lockfile', '--prod=false', '--reporter=append-only'],
    {
      cwd: root,
      shell: process.platform === 'win32',
      stdio: ['ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
      // npm's own settings reach npx as variables that only make it warn.
      env: { ...process.env, CI: 'true', NPM_CONFIG_LOGLEVEL: 'error' },
      maxBuffer: 64 * 1024 * 1024,
    },
  )
  if (result.status !== 0) {
    console.error(`${result.stdout ?? ''}${result.stderr ?? ''}`.trimEnd())
    fail('The packages could not be installed. Check the network, then run the command again.')
  }
  for (const line of result.stdout.split('\n')) {
    const note = /^\. postinstall: (.+)$/.exec(line)?.[1]
    if (note && note !== 'Done') console.error(note)
  }
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, wanted)
}

function fail(sentence) {
  console.error(sentence)
  process.exit(1)
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) setUp()
