import { expect, test, vi } from 'vitest'
import { committed, final, interim } from '../overlay/testing/speak.ts'
import type { TestConnectionOptions } from './testing/connect-to-fake.ts'
import { connectToFake, SOON } from './testing/connect-to-fake.ts'

/** Connected to an OBS that streams. */
async function onAir(options: TestConnectionOptions = {}) {
  const fake = await connectToFake({
    prepare: (obs) => obs.setOutput('stream', 'STARTED'),
    ...options,
  })
  await expect.poll(() => fake.connection.state(), SOON).toMatchObject({ isStreaming: true })
  return { ...fake, captions: fake.obs.world.captions }
}

const numbers = (count: number) =>
  Array.from({ length: count }, (_, index) => `w${index}`).join(' ')

test('finals are sent as closed captions', async () => {
  const { captions, speak } = await onAir()
  speak(final('Hello there.', 1_000))
  await expect.poll(() => captions, SOON).toEqual(['Hello there.'])
})

test('guesses are sent while they grow, and the final behind them', async () => {
  const { captions, speak } = await onAir()
  speak(interim('hello', 500))
  await expect.poll(() => captions, SOON).toEqual(['hello'])
  speak(interim('hello world', 900))
  await expect.poll(() => captions, SOON).toEqual(['hello', 'hello world'])
  speak(final('Hello world again.', 1_200))
  await expect.poll(() => captions.at(-1), SOON).toBe('Hello world again.')
})

test('a guess that was wrong is put right in place', async () => {
  const { captions, speak } = await onAir()
  speak(interim('the whether is nice', 900))
  await expect.poll(() => captions, SOON).toEqual(['the whether is nice'])
  speak(final('The weather is nice.', 1_200))
  await expect.poll(() => captions, SOON).toEqual(['the whether is nice', 'The weather is nice.'])
})

test('of an engine that tells, only what is certain is sent, and never less of it', async () => {
  const { captions, speak } = await onAir()
  speak(committed('the whether', 500, 0), committed('the whether is', 700, 1))
  await expect.poll(() => captions, SOON).toEqual(['the'])
  speak(committed('the weather is nice', 900, 3))
  await expect.poll(() => captions, SOON).toEqual(['the', 'the weather is'])
  speak(committed('a new engine hears', 950, 0), committed('the weather was', 990, 2))
  speak(final('The weather is nice.', 1_200))
  await expect.poll(() => captions, SOON).toEqual(['the', 'the weather is', 'The weather is nice.'])
})

test('guesses are kept back where the user wants finals only', async () => {
  const { captions, speak } = await onAir({ settings: { captionInterims: false } })
  speak(interim('hello', 500), interim('hello world', 900), final('Hello, world!', 1_200))
  await expect.poll(() => captions, SOON).toEqual(['Hello, world!'])
})

test('nothing is sent while OBS does not stream, nor later what was said then', async () => {
  const { obs, connection, reach, speak } = await connectToFake()
  await reach('connected')
  speak(final('Off air.', 1_000))
  obs.setOutput('stream', 'STARTED')
  await expect.poll(() => connection.state(), SOON).toMatchObject({ isStreaming: true })
  speak(final('On air.', 2_000))
  await expect.poll(() => obs.world.captions, SOON).toEqual(['On air.'])
  obs.setOutput('stream', 'STOPPED')
  await expect.poll(() => connection.state(), SOON).toMatchObject({ isStreaming: false })
  speak(final('Off air again.', 3_000))
  obs.setOutput('stream', 'STARTED')
  await expect.poll(() => connection.state(), SOON).toMatchObject({ isStreaming: true })
  speak(final('Back.', 4_000))
  await expect.poll(() => obs.world.captions, SOON).toEqual(['On air.', 'Back.'])
  expect(obs.requests.filter((type) => type === 'SendStreamCaption')).toHaveLength(2)
})

test('nothing is sent once the user switched closed captions off', async () => {
  const { obs, captions, speak, update } = await onAir()
  update({ sendCaptions: false })
  speak(final('Silent.', 1_000))
  update({ sendCaptions: true })
  speak(final('Heard.', 2_000))
  await expect.poll(() => captions, SOON).toEqual(['Heard.'])
  expect(obs.requests).toContain('SendStreamCaption')
})

test('one request is under way at a time, and the newest words follow it', async () => {
  const { obs, captions, speak } = await onAir()
  obs.setDelay(300)
  speak(final('first', 100))
  await vi.waitUntil(() => obs.requests.includes('SendStreamCaption'), SOON)
  for (let count = 1; count <= 200; count += 1) speak(interim(`guess number ${count}`, 100 + count))
  await expect.poll(() => captions.at(-1), SOON).toBe('first guess number 200')
  expect(captions.length).toBeLessThanOrEqual(4)
})

test('an OBS that takes captions slowly is not sent a backlog', async () => {
  const { obs, captions, speak } = await onAir()
  obs.setDelay(200)
  for (let count = 1; count <= 300; count += 1)
    speak(final(`${numbers(20)} end${count}`, count * 100))
  await expect.poll(() => captions.at(-1), SOON).toMatch(/end300$/)
  expect(captions.length).toBeLessThan(12)
})

test('a line stays until viewers had time to read it', async () => {
  const pace = { intervalMs: 0, msPerChar: 10, clearAfterMs: 60_000 }
  const { captions, speak } = await onAir({ timing: { pace } })
  const startedAtMs = performance.now()
  speak(final(numbers(40), 1_000))
  await expect.poll(() => captions.at(-1), SOON).toMatch(/w39$/)
  const shown = captions.join(' ').length
  expect(captions.length).toBeGreaterThan(1)
  // All but the last screen were read before it came.
  expect(performance.now() - startedAtMs).toBeGreaterThan((shown - 2 * 53) * 10)
})

test('every caption that reaches OBS fits one message of its encoder', async () => {
  const { captions, speak } = await onAir()
  speak(final('ä é è “quoted” '.repeat(12), 1_000), final(numbers(60), 2_000))
  await expect.poll(() => captions.at(-1), SOON).toMatch(/w59$/)
  for (const caption of captions) {
    expect(Buffer.byteLength(caption)).toBeLessThanOrEqual(128)
    expect(caption.split('\n').length).toBeLessThanOrEqual(2)
    expect(caption.split('\n').every((line) => line.length <= 32)).toBe(true)
  }
})

test('silence clears the screen once', async () => {
  const pace = { intervalMs: 20, msPerChar: 1, clearAfterMs: 200 }
  const { captions, speak } = await onAir({ timing: { pace } })
  speak(final('Anybody?', 1_000))
  await expect.poll(() => captions, SOON).toEqual(['Anybody?', ''])
  speak(final('Hello.', 9_000))
  await expect.poll(() => captions, SOON).toEqual(['Anybody?', '', 'Hello.', ''])
})

test('words in another script are told once, and the rest is sent', async () => {
  const { captions, events, speak } = await onAir()
  speak(final('Привет stream', 1_000), final('снова here', 2_000))
  await expect.poll(() => captions.at(-1), SOON).toBe('stream here')
  expect(events).toEqual([
    { type: 'notice', level: 'info', sentence: expect.stringContaining('use the overlay') },
  ])
})

test('captions that OBS refuses are given up, and the next ones sent', async () => {
  const { obs, captions, connection, speak } = await onAir()
  obs.refuse('SendStreamCaption', 501)
  speak(final('Lost.', 1_000))
  await vi.waitUntil(() => obs.requests.includes('SendStreamCaption'), SOON)
  obs.refuse('SendStreamCaption', undefined)
  speak(final('Found.', 2_000))
  await expect.poll(() => captions, SOON).toEqual(['Lost. Found.'])
  expect(connection.state().status).toBe('connected')
})

test('an OBS that goes away mid-caption disturbs nothing, and gets what is said after it is back', async () => {
  const { obs, captions, connection, speak, reach } = await onAir()
  obs.setDelay(5_000)
  speak(final('Cut off.', 1_000))
  await obs.stop()
  await reach('unreachable')
  speak(final('Nobody there.', 2_000))
  obs.setDelay(0)
  await obs.start()
  await expect.poll(() => connection.state(), SOON).toMatchObject({ isStreaming: true })
  speak(final('Hello again.', 3_000))
  await expect.poll(() => captions.at(-1), SOON).toBe('Hello again.')
})
