import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseEnv } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { readEnv } from '../src/env.ts'

const SCRIPT = fileURLToPath(new URL('new-env.sh', import.meta.url))
const noShell = process.platform === 'win32' ? ' (skipped: a script for Unix)' : ''

function copyScript(): { readonly script: string; readonly file: string } {
  const folder = mkdtempSync(join(tmpdir(), 'saywire-new-env-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const script = join(folder, 'new-env.sh')
  copyFileSync(SCRIPT, script)
  return { script, file: join(folder, '.env') }
}

test.skipIf(noShell)(
  `the server starts in production with what new-env.sh writes${noShell}`,
  () => {
    const [one, other] = [copyScript(), copyScript()]
    const [written, again] = [one, other].map(({ script, file }) => {
      execFileSync('sh', [script])
      return parseEnv(readFileSync(file, 'utf8'))
    })
    expect(readEnv({ ...written, NODE_ENV: 'production' })).toMatchObject({
      trustProxy: 1,
      startingCreditMinutes: 60,
    })
    for (const secret of ['JWT_SECRET', 'POSTGRES_PASSWORD']) {
      expect(written?.[secret]).toMatch(/^[0-9a-f]{64}$/)
      expect(written?.[secret]).not.toBe(again?.[secret])
    }
    expect(statSync(one.file).mode & 0o077).toBe(0)
  },
)

test.skipIf(noShell)(`secrets that are in use are never written over${noShell}`, () => {
  const { script, file } = copyScript()
  execFileSync('sh', [script])
  const before = readFileSync(file, 'utf8')
  expect(spawnSync('sh', [script]).status).toBe(1)
  expect(readFileSync(file, 'utf8')).toBe(before)
})
