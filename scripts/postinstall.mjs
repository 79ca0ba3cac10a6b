// What an install must produce beyond node_modules.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

generatePrismaClient()
buildNaudiodon()

/** TypeScript for the tables, into apps/server/src/generated (not in git). Ends the install on failure. */
function generatePrismaClient() {
  const require = createRequire(join(root, 'apps', 'server', 'package.json'))
  const cli = join(dirname(require.resolve('prisma/package.json')), 'build', 'index.js')
  const schema = join(root, 'prisma', 'schema.prisma')
  const result = spawnSync(process.execPath, [cli, 'generate', '--schema', schema], {
    cwd: join(root, 'apps', 'server'),
    encoding: 'utf8',
    env: {
      ...process.env,
      // `generate` never runs this engine, but would download it first unless some file is named.
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1',
    },
  })
  if (result.status === 0) return
  console.error(`${result.stdout ?? ''}${result.stderr ?? ''}`.trimEnd())
  console.error('The database client could not be generated from prisma/schema.prisma.')
  process.exit(1)
}

/** The microphone's native part. Without it everything but the microphone works. */
function buildNaudiodon() {
  const link = join(root, 'apps', 'desktop', 'node_modules', 'naudiodon')
  if (!existsSync(link)) return
  const folder = realpathSync(link)
  const built = join(folder, 'build', 'Release', 'naudiodon.node')
  if (existsSync(built) && loads(built)) return
  rmSync(join(folder, 'build'), { recursive: true, force: true })
  allowSpacesInPath(join(folder, 'binding.gyp'))
  const nodeGyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js')
  const prefix = dirname(dirname(process.execPath))
  const hasHeaders = existsSync(join(prefix, 'include', 'node', 'node.h'))
  const { status } = spawnSync(process.execPath, [nodeGyp, 'rebuild'], {
    cwd: folder,
    stdio: 'ignore',
    // Otherwise node-gyp downloads the headers.
    env: hasHeaders ? { ...process.env, npm_config_nodedir: prefix } : process.env,
  })
  if (status === 0) return
  rmSync(join(folder, 'build'), { recursive: true, force: true })
  console.log(
    'The microphone will not work, because its driver (naudiodon) could not be built: install ' +
      'Python 3, make and a C++ compiler, then run `npm run postinstall`.',
  )
}

/** On Linux, naudiodon names its folder to the linker without quotes: relative paths do instead. */
function allowSpacesInPath(gypFile) {
  const gyp = readFileSync(gypFile, 'utf8')
    .replaceAll('"<@(module_root_dir)/build/Release/libportaudio.so.2"', '"-l:libportaudio.so.2"')
    .replaceAll('-L<@(module_root_dir)/build/Release', '-LRelease')
    .replaceAll('-rpath,<@(module_root_dir)/build/Release', () => "-rpath,'$$ORIGIN'")
  // A new file: the old one may be the package manager's store, which other projects share.
  rmSync(gypFile)
  writeFileSync(gypFile, gyp)
}

/** False for a build of another platform, for half a build, and where a system library lacks. */
function loads(addon) {
  const load = `require(${JSON.stringify(addon)})`
  return spawnSync(process.execPath, ['-e', load], { stdio: 'ignore' }).status === 0
}
