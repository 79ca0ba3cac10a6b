// `npm run build:server [-- --out <folder>] [--with-whisper]`: the server, its dashboard and its
// migrations as one folder that needs Node and nothing of this workspace. Default: apps/server/dist.
import { spawnSync } from 'node:child_process'
import { cpSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { copyModule } from './copy-module.mjs'
import { root, setUp } from './setup.mjs'

const SERVER = join(root, 'apps', 'server')
const SPEECH = join(root, 'packages', 'speech')

const { values: options } = parseArgs({
  options: {
    out: { type: 'string', default: join(SERVER, 'dist') },
    // About 10 MB; without it the server transcribes with Deepgram only.
    'with-whisper': { type: 'boolean', default: false },
  },
})
const out = resolve(process.env.INIT_CWD ?? process.cwd(), options.out)
setUp({ pages: ['dashboard'] })
bundle()
addFiles()
addNativeModules()
console.log(`The server is in ${out}: start it with ${join(out, 'saywire-server')}`)

function bundle() {
  const vite = join(SERVER, 'node_modules', 'vite', 'bin', 'vite.js')
  const args = [vite, 'build', '--logLevel', 'warn', '--outDir', out, '--emptyOutDir']
  const env = { ...process.env, NODE_ENV: 'production' }
  const { status } = spawnSync(process.execPath, args, { cwd: SERVER, env, stdio: 'inherit' })
  if (status === 0) return
  console.error('The server could not be built.')
  process.exit(1)
}

function addFiles() {
  const copy = (from, to) => cpSync(join(root, from), join(out, to), { recursive: true })
  copy('apps/dashboard/dist', 'dashboard')
  renameSync(
    join(out, 'dashboard', 'THIRD_PARTY_LICENSES.md'),
    join(out, 'THIRD_PARTY_LICENSES_DASHBOARD.md'),
  )
  copy('prisma/migrations', 'migrations')
  copy('apps/server/OPERATING.md', 'OPERATING.md')
  copy('LICENSE', 'LICENSE')
  addLauncher()
  const { version, type, engines } = {
    ...readManifest(root),
    ...readManifest(SERVER),
  }
  const manifest = { name: 'saywire-server', version, license: 'MIT', private: true, type, engines }
  writeFileSync(join(out, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}

function addLauncher() {
  const launcher = readFileSync(join(SERVER, 'deploy', 'saywire-server'), 'utf8')
  const flags = JSON.parse(readFileSync(join(SERVER, 'node-flags.json'), 'utf8'))
  const text = launcher.replace('NODE_FLAGS', flags.join(' '))
  writeFileSync(join(out, 'saywire-server'), text, { mode: 0o755 })
}

function addNativeModules() {
  const target = join(out, 'node_modules')
  for (const name of ['@node-rs/argon2', 'bufferutil']) copyModule(name, SERVER, target)
  if (!options['with-whisper']) return
  for (const name of ['@napi-rs/whisper', 'sherpa-onnx-node']) copyModule(name, SPEECH, target)
}

function readManifest(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}
