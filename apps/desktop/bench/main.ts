// `npm run bench -- <name> …`: measurements that anyone can repeat. Each prints its table and, as the
// last line, a verdict; the exit code is not 0 when a stated promise does not hold.
import { wordErrorBench } from './word-error-rate.ts'

const BENCHES: Readonly<Record<string, (args: string[]) => Promise<boolean>>> = {
  wer: wordErrorBench,
}

const [name = '', ...args] = process.argv.slice(2)
const bench = BENCHES[name]
if (bench) process.exit((await bench(args)) ? 0 : 1)
process.stderr.write(
  `npm run bench -- <name>, where <name> is one of: ${Object.keys(BENCHES).join(', ')}\n`,
)
process.exit(2)
