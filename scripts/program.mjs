// Starting our TypeScript programs as child processes, with signals that arrive exactly once.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { constants } from 'node:os'
import { root } from './setup.mjs'

/**
 * Runs a TypeScript file of this project, in the folder that the user called from, so that relative
 * paths on the command line mean what the user meant.
 */
export function startProgram(file, args, options = {}) {
  const tsx = import.meta.resolve('tsx')
  return spawn(process.execPath, ['--import', tsx, join(root, file), ...args], {
    cwd: process.env.INIT_CWD ?? process.cwd(),
    stdio: 'inherit',
    ...options,
  })
}

/** The exit code that a shell would report. */
export function exitCode(code, signal) {
  return code ?? 128 + (constants.signals[signal] ?? 0)
}

/** A wish to end that arrives by two ways, or the same key held, is one wish. */
const SAME_WISH_MS = 1000

/**
 * Waits for the program. The terminal's Ctrl-C reaches it by itself unless it is detached; a signal
 * sent to this process is passed on as SIGTERM, which our programs take as the same wish.
 */
export function runToEnd(child) {
  let passedOnMs = -Infinity
  const passOn = () => {
    if (performance.now() - passedOnMs < SAME_WISH_MS) return
    passedOnMs = performance.now()
    child.kill('SIGTERM')
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, passOn)
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      for (const each of signals) process.off(each, passOn)
      resolve(exitCode(code, signal))
    })
  })
}
