import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

const PROGRAM = fileURLToPath(new URL('testing/slow-end-process.ts', import.meta.url))

async function run(endTakesMs: number, deadlineMs = 60_000) {
  const args = ['--import', 'tsx', PROGRAM, String(endTakesMs), String(deadlineMs)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  let complaint = ''
  child.stderr?.on('data', (data: Buffer) => (complaint += data.toString()))
  const exited = once(child, 'exit').then(([code]) => code as unknown)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
  })
  await said(child, 'running')
  return { child, exited, complaint: () => complaint }
}

async function said(child: ChildProcess, word: string): Promise<void> {
  const [message] = (await once(child, 'message')) as [unknown]
  expect(message).toBe(word)
}

test('one signal that comes twice, as Ctrl-C does under npm, lets the end run to its end', async () => {
  const { child, exited } = await run(1500)
  child.kill('SIGINT')
  child.kill('SIGINT')
  await said(child, 'ending')
  child.kill('SIGTERM')
  expect(await exited).toBe(0)
})

test.each(['SIGTERM', 'SIGINT'] as const)(
  'another %s, later, ends it on the spot, and says so',
  async (signal) => {
    const { child, exited, complaint } = await run(60_000)
    child.kill('SIGTERM')
    await said(child, 'ending')
    await sleep(1100)
    child.kill(signal)
    expect(await exited).toBe(1)
    expect(complaint()).toContain(`another ${signal}`)
  },
)

test('an end that hangs is over at its deadline', async () => {
  const { child, exited, complaint } = await run(60_000, 300)
  child.kill('SIGTERM')
  expect(await exited).toBe(1)
  expect(complaint()).toContain('longer than 300 ms')
})
