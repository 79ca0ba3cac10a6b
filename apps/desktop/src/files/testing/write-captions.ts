import { emptyTranscript } from '@saywire/speech'
import { createCaptionFiles } from '../caption-files.ts'
import { finalOf } from './final-of.ts'

/**
 * A process that captions until it is killed: `write-captions.ts <folder> <history folder>`. It
 * prints the number of each final that it has handed over, more often than people speak.
 */
const [folder = '', historyFolder = ''] = process.argv.slice(2)
const files = createCaptionFiles({
  folder,
  historyFolder,
  formats: ['txt', 'srt', 'vtt', 'json'],
  title: 'Killed',
  startedAt: new Date('2026-11-21T20:15:00Z'),
  engine: () => 'fake',
  language: 'en',
  timestamps: false,
  onNotice: ({ message }) => process.stderr.write(`${message}\n`),
})
let number = 0
setInterval(() => {
  number += 1
  const text = `final ${number} ${'says something long '.repeat(number % 12)}and ends.`
  files.onEvent(finalOf(text, number * 20_000), emptyTranscript)
  process.stdout.write(`${number}\n`)
}, 1000)
