// Word error rate of `saywire caption --fast` over a folder of speech, with any engine; more of the local one: `local`.
import { wordErrorBench } from './word-error-rate.ts'

process.exit((await wordErrorBench(process.argv.slice(2))) ? 0 : 1)
