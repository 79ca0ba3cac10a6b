// `npm run bench -- <name> …`: measurements that anyone can repeat. Each prints its table and, as the
// last line, a verdict; the exit code is not 0 when a stated promise does not hold. An app's benches
// are its bench/*.bench.ts; the first line of each says what it measures.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runToEnd, startProgram } from './program.mjs'
import { root, setUp } from './setup.mjs'

const SUFFIX = '.bench.ts'
const benches = findBenches()
const [name, ...args] = process.argv.slice(2)
const file = benches.get(name)
if (file === undefined) {
  const lines = [...benches].map(([each, path]) => `  ${each.padEnd(14)} ${describe(path)}`)
  console.error(`npm run bench -- <name>, where <name> is one of:\n${lines.join('\n')}`)
  process.exitCode = 2
} else {
  setUp()
  process.exitCode = await runToEnd(startProgram(file, args))
}

function findBenches() {
  const found = readdirSync(join(root, 'apps')).flatMap((app) => {
    const folder = join('apps', app, 'bench')
    if (!existsSync(join(root, folder))) return []
    const files = readdirSync(join(root, folder)).filter((each) => each.endsWith(SUFFIX))
    return files.map((each) => [each.slice(0, -SUFFIX.length), join(folder, each)])
  })
  return new Map(found)
}

function describe(path) {
  const [first = ''] = readFileSync(join(root, path), 'utf8').split('\n')
  return first.replace(/^\/\/ /, '')
}
