// Builds the dashboard's pages, which the server serves, when anything that they are made of changed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** What does not end up in the build. */
const ELSEWHERE = new Set(['node_modules', 'dist', 'e2e', '.tsc', 'README.md'])

/**
 * @param root the repository
 * @returns why it could not be built; undefined where it is up to date
 */
export function buildDashboard(root) {
  const app = join(root, 'apps', 'dashboard')
  const dist = join(app, 'dist')
  const stamp = join(root, 'node_modules', '.saywire-dashboard')
  const wanted = fingerprint(root, app)
  const isBuilt = existsSync(join(dist, 'index.html')) && existsSync(stamp)
  if (isBuilt && readFileSync(stamp, 'utf8') === wanted) return undefined

  // Beside the old one, so that a second set-up at the same moment meets a whole one.
  const fresh = join(app, `dist-${process.pid}`)
  const vite = join(app, 'node_modules', 'vite', 'bin', 'vite.js')
  const args = [vite, 'build', '--logLevel', 'warn', '--outDir', fresh]
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

function fingerprint(root, app) {
  const hash = createHash('sha256').update(readFileSync(join(root, 'pnpm-lock.yaml')))
  for (const file of filesIn(app)) hash.update(relative(app, file)).update(readFileSync(file))
  return hash.digest('hex')
}

function filesIn(folder) {
  const entries = readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !ELSEWHERE.has(name) && !name.startsWith('dist-'))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesIn(path) : [path]
  })
}
