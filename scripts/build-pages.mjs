// Builds the pages that the programs serve and the desktop app itself, each part when anything that it is made of changed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'

const DESKTOP = ['apps/desktop/src', 'apps/desktop/vite', 'packages']

const PARTS = [
  {
    name: 'dashboard',
    app: 'apps/dashboard',
    config: 'vite.config.ts',
    dist: 'dist',
    sources: ['apps/dashboard', 'packages/brand', 'packages/overlay', 'packages/protocol'],
  },
  {
    name: 'overlay',
    app: 'apps/desktop',
    config: 'vite/overlay.config.ts',
    dist: 'dist/overlay',
    sources: [
      'apps/desktop/vite',
      'apps/desktop/src/overlay',
      'packages/overlay',
      'packages/protocol',
    ],
  },
  {
    name: 'window',
    app: 'apps/desktop',
    config: 'vite/renderer.config.ts',
    dist: 'dist/renderer',
    sources: DESKTOP,
  },
  {
    name: 'preload script',
    app: 'apps/desktop',
    config: 'vite/preload.config.ts',
    dist: 'dist/preload',
    entry: 'preload.cjs',
    sources: ['apps/desktop/vite', 'apps/desktop/src/preload', 'apps/desktop/src/main'],
  },
  {
    name: 'app',
    app: 'apps/desktop',
    config: 'vite/main.config.ts',
    dist: 'dist/main',
    entry: 'main.js',
    sources: [...DESKTOP, 'apps/desktop/assets'],
  },
]

/** What does not end up in the build. */
const ELSEWHERE = new Set([
  'node_modules',
  'dist',
  'dist-package',
  'e2e',
  'testing',
  '.tsc',
  'README.md',
])

/**
 * @param root the repository
 * @param names the parts to build; default: all
 * @returns why a part could not be built; undefined where all are up to date
 */
export function buildPages(root, names = PARTS.map(({ name }) => name)) {
  for (const part of PARTS.filter(({ name }) => names.includes(name))) {
    const problem = buildPart(root, part)
    if (problem) return `${problem}\nThe ${part.name} could not be built.`
  }
  return undefined
}

function buildPart(root, part) {
  const app = join(root, part.app)
  const dist = join(app, part.dist)
  const stamp = join(root, 'node_modules', `.saywire-${part.name.replace(' ', '-')}`)
  const wanted = fingerprint(root, part)
  const isBuilt = existsSync(join(dist, part.entry ?? 'index.html')) && existsSync(stamp)
  if (isBuilt && readFileSync(stamp, 'utf8') === wanted) return undefined

  // Beside the old one, so that a second set-up at the same moment meets a whole one.
  const fresh = `${dist}-${process.pid}`
  const vite = join(app, 'node_modules', 'vite', 'bin', 'vite.js')
  const args = [vite, 'build', '--config', part.config, '--logLevel', 'warn', '--outDir', fresh]
  // A test that sets up sets NODE_ENV, too; React would then be its slow development version.
  const env = { ...process.env, NODE_ENV: 'production' }
  const result = spawnSync(process.execPath, args, { cwd: app, env, encoding: 'utf8' })
  if (result.status !== 0) {
    rmSync(fresh, { recursive: true, force: true })
    return `${result.stdout ?? ''}${result.stderr ?? ''}`.trim() || String(result.error)
  }
  rmSync(dist, { recursive: true, force: true })
  renameSync(fresh, dist)
  writeFileSync(stamp, wanted)
  return undefined
}

function fingerprint(root, { sources }) {
  const hash = createHash('sha256').update(readFileSync(join(root, 'pnpm-lock.yaml')))
  for (const file of sources.flatMap((folder) => filesIn(join(root, folder)))) {
    hash.update(relative(root, file)).update(readFileSync(file))
  }
  return hash.digest('hex')
}

function filesIn(folder) {
  const entries = readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !ELSEWHERE.has(name) && !/^dist-|\.test\.tsx?$/.test(name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesIn(path) : [path]
  })
}
