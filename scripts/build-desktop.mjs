// Builds the app's main process, preload script and page when anything that they are made of changed.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './setup.mjs'

const PARTS = ['main', 'preload', 'renderer']
/** What does not end up in the build. */
const ELSEWHERE = new Set(['node_modules', 'e2e', 'bench', '.tsc', 'testing', 'README.md'])

/** @returns {Promise<string | undefined>} why it could not be built; undefined where it is up to date */
export async function buildDesktop() {
  const app = join(root, 'apps', 'desktop')
  const dist = join(app, 'dist')
  const stamp = join(root, 'node_modules', '.saywire-desktop')
  const wanted = fingerprint(app)
  const isBuilt = PARTS.every((part) => existsSync(join(dist, part))) && existsSync(stamp)
  if (isBuilt && readFileSync(stamp, 'utf8') === wanted) return undefined

  // Beside the old one, so that an app that runs meanwhile meets a whole one.
  const fresh = join(app, `dist-${process.pid}`)
  const problems = await Promise.all(PARTS.map((part) => build(app, part, join(fresh, part))))
  const problem = problems.find((text) => text !== undefined)
  if (problem === undefined) {
    mkdirSync(dist, { recursive: true })
    for (const part of PARTS) {
      rmSync(join(dist, part), { recursive: true, force: true })
      renameSync(join(fresh, part), join(dist, part))
    }
    writeFileSync(stamp, wanted)
  }
  rmSync(fresh, { recursive: true, force: true })
  return problem
}

function build(app, part, outDir) {
  const vite = join(app, 'node_modules', 'vite', 'bin', 'vite.js')
  const config = join('vite', `${part}.config.ts`)
  const args = [vite, 'build', '--config', config, '--logLevel', 'warn', '--outDir', outDir]
  const child = spawn(process.execPath, args, { cwd: app })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code) => resolve(code === 0 ? undefined : output.trim()))
  })
}

function fingerprint(app) {
  const hash = createHash('sha256').update(readFileSync(join(root, 'pnpm-lock.yaml')))
  for (const folder of [app, join(root, 'packages')]) {
    for (const file of filesIn(folder)) hash.update(relative(root, file)).update(readFileSync(file))
  }
  return hash.digest('hex')
}

function filesIn(folder) {
  const entries = readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !ELSEWHERE.has(name) && !/^dist|\.test\.tsx?$/.test(name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesIn(path) : [path]
  })
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const problem = await buildDesktop()
  if (problem) console.error(`${problem}\nThe app could not be built.`)
  process.exitCode = problem ? 1 : 0
}
