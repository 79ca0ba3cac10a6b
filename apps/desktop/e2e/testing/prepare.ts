import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { missingDisplay } from './display.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The program to test with, or one sentence that says why there is none. */
    electron: { readonly path: string } | { readonly problem: string }
  }
}

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))

/** Once before all files: builds the app where that is needed, and finds an Electron. */
export default function prepare(project: TestProject): void {
  runScript('setup.mjs')
  const noDisplay = missingDisplay()
  if (noDisplay !== undefined) return project.provide('electron', { problem: noDisplay })
  const found = runScript('ensure-electron.mjs', '--for-tests')
  project.provide('electron', JSON.parse(found))
}

function runScript(name: string, ...args: string[]): string {
  const { status, stdout } = spawnSync(process.execPath, [`scripts/${name}`, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status !== 0) throw new Error(`scripts/${name} failed`)
  return stdout
}
