// Builds the pages that the programs serve, each when anything that it is made of changed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'

const PAGES = [
  {
    name: 'dashboard',
    app: 'apps/dashboard',
    config: 'vite.config.ts',
    dist: 'dist',
    sources: ['apps/dashboard', 'packages/overlay', 'packages/protocol'],
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
]

/** What does not end up in the build. */
const ELSEWHERE = new Set(['node_modules', 'dist', 'e2e', 'testing', '.tsc', 'README.md'])

/**
 * @param root the repository
 * @returns why a page could not be built; undefined where all are up to date
 */
export function buildPages(root) {
  for (const page of PAGES) {
    const problem = buildPage(root, page)
    if (problem) return `${problem}\nThe ${page.name} could not be built.`
  }
  return undefined
}

function buildPage(root, page) {
  const app = join(root, page.app)
  const dist = join(app, page.dist)
  const stamp = join(root, 'node_modules', `.saywire-${page.name}`)
  const wanted = fingerprint(root, page)
  const isBuilt = existsSync(join(dist, 'index.html')) && existsSync(stamp)
  if (isBuilt && readFileSync(stamp, 'utf8') === wanted) return undefined

  // Beside the old one, so that a second set-up at the same moment meets a whole one.
  const fresh = `${dist}-${process.pid}`
  const vite = join(app, 'node_modules', 'vite', 'bin', 'vite.js')
  const args = [vite, 'build', '--config', page.config, '--logLevel', 'warn', '--outDir', fresh]
  const result = spawnSync(process.execPath, args, { cwd: app, encoding: 'utf8' })
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
