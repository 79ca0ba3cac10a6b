// `npm run package [-- target …]`: puts the app together without this workspace's node_modules, and
// packs it for this system. Without targets: the unpacked folder (`dir`).
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { tsImport } from 'tsx/esm/api'
import { copyModule, findModule } from './copy-module.mjs'
import { ensureElectron } from './ensure-electron.mjs'
import { canMakeDeb, makeDeb } from './make-deb.mjs'
import { root, setUp } from './setup.mjs'

const APP = join(root, 'apps', 'desktop')
const SPEECH = join(root, 'packages', 'speech')
const STAGED = join(APP, 'dist-package', 'app')
const LICENCES = join(APP, 'dist-package', 'licences')
const SPEECH_LIBRARY = join(APP, 'dist-package', 'whisper', 'saywire-whisper.node')
/** What cannot be bundled, by the module that needs it. */
const NATIVE = {
  [APP]: ['naudiodon', 'uiohook-napi'],
  [SPEECH]: ['@napi-rs/whisper', 'sherpa-onnx-node'],
}

setUp()
const forTests = process.argv.includes('--for-tests')
const targets = process.argv.slice(2).filter((argument) => argument !== '--for-tests')
const electron = await ensureElectron({ forTests })
if ('problem' in electron) fail(electron.problem)
stage()
await addSpeechLibrary()
const isDebOurs = targets.includes('deb') && canMakeDeb()
pack(isDebOurs ? ['dir', ...targets.filter((target) => target !== 'deb')] : targets)
if (isDebOurs) packDeb()

function stage() {
  rmSync(STAGED, { recursive: true, force: true })
  for (const part of ['main', 'preload', 'renderer', 'overlay']) {
    cpSync(join(APP, 'dist', part), join(STAGED, 'dist', part), { recursive: true })
  }
  const { version, description, main, type } = JSON.parse(
    readFileSync(join(APP, 'package.json'), 'utf8'),
  )
  const manifest = {
    name: 'saywire',
    productName: 'Saywire',
    version,
    description,
    main,
    type,
    author: 'Saywire',
  }
  writeFileSync(join(STAGED, 'package.json'), JSON.stringify(manifest, null, 2))
  addLicences()
  for (const [owner, names] of Object.entries(NATIVE)) {
    for (const name of names) copyModule(name, owner, join(STAGED, 'node_modules'))
  }
}

/** Beside the program, where people find them; native modules bring their own, Electron's are its own. */
function addLicences() {
  rmSync(LICENCES, { recursive: true, force: true })
  cpSync(join(root, 'LICENSE'), join(LICENCES, 'LICENSE.saywire.txt'))
  for (const part of ['main', 'renderer', 'overlay']) {
    const listed = join(STAGED, 'dist', part, 'THIRD_PARTY_LICENSES.md')
    cpSync(listed, join(LICENCES, `third-party-${part}.md`))
    rmSync(listed)
  }
  // What the speech library is compiled from.
  const whisper = findModule('nodejs-whisper', SPEECH)
  if (!whisper) return
  cpSync(join(whisper, 'cpp', 'whisper.cpp', 'LICENSE'), join(LICENCES, 'LICENSE.whisper.cpp.txt'))
}

/** Made for many machines. Where it cannot be built here, the packaged app uses @napi-rs/whisper. */
async function addSpeechLibrary() {
  const load = async (path) => tsImport(join(root, path), import.meta.url)
  const { ensureWhisperLibrary } = await load('packages/speech/src/whisper/index.ts')
  const { readEnv } = await load('apps/desktop/src/env.ts')
  console.error('Building the speech library for the package (about a minute, once) …')
  const { nativeDir } = readEnv()
  const onNotice = (sentence) => console.error(sentence)
  const library = await ensureWhisperLibrary({ nativeDir, portable: true, onNotice })
  rmSync(dirname(SPEECH_LIBRARY), { recursive: true, force: true })
  mkdirSync(dirname(SPEECH_LIBRARY), { recursive: true })
  if (library.kind === 'native') cpSync(library.path, SPEECH_LIBRARY)
}

function pack(targets) {
  const cli = join(APP, 'node_modules', 'electron-builder', 'cli.js')
  const version = readFileSync(join(electron.folder, 'version'), 'utf8').trim().replace(/^v/, '')
  const args = [
    cli,
    `--${{ darwin: 'mac', win32: 'win', linux: 'linux' }[process.platform]}`,
    ...(targets.length > 0 ? targets : ['dir']),
    '--projectDir',
    STAGED,
    '--config',
    join(APP, 'electron-builder.config.ts'),
    '--publish',
    'never',
    `--config.electronDist=${electron.folder}`,
    `--config.electronVersion=${version}`,
  ]
  const { status } = spawnSync(process.execPath, args, { cwd: APP, stdio: 'inherit' })
  if (status !== 0) fail('The app could not be packaged.')
}

function packDeb() {
  const { version, description } = JSON.parse(readFileSync(join(STAGED, 'package.json'), 'utf8'))
  const folder = join(APP, 'dist-package', 'out')
  const unpacked = join(folder, process.arch === 'x64' ? 'linux-unpacked' : 'linux-arm64-unpacked')
  const icon = join(APP, 'assets', 'icons', 'icon.png')
  console.log(`  • made ${makeDeb({ unpacked, icon, folder, version, description })}`)
}

function fail(sentence) {
  console.error(sentence)
  process.exit(1)
}
