// What an install must produce beyond node_modules.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

generatePrismaClient()

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
