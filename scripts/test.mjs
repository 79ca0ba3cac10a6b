// `npm test`: sets everything up and runs every test of every package. Extra arguments go to Vitest.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { exitCode, runToEnd, startProgram } from './program.mjs'
import { root, setUp } from './setup.mjs'

setUp()
// Builds and fetches what the speech tests need, with its progress shown. Where that fails it has
// said why, and those tests say that they are skipped.
await runToEnd(startProgram('apps/desktop/src/cli/main.ts', ['setup']))
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
const config = join(root, 'scripts', 'vitest.config.ts')
// Speech in real time, windows and databases on two shared cores: CI asks twice before it refuses a change,
// and names what it had to ask twice. A developer sees the first failure.
const retry = process.env.CI ? ['--retry=1'] : []
const args = [vitest, 'run', '--root', root, '--config', config, ...retry, ...process.argv.slice(2)]
const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' })
child.once('exit', (code, signal) => {
  process.exitCode = exitCode(code, signal)
})
