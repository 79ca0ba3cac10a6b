// Sets up if need be, then runs one of our TypeScript programs: node scripts/run.mjs <file> [args].
import { root, setUp } from './setup.mjs'
import { runToEnd, startProgram } from './program.mjs'

setUp()
const [file, ...args] = process.argv.slice(2)
if (!file) throw new Error(`usage: node ${root}/scripts/run.mjs <file> [args]`)
process.exitCode = await runToEnd(startProgram(file, args))
