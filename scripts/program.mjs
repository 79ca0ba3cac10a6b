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

/**
 * Waits for the program. The terminal's Ctrl-C reaches it by itself; a signal sent to this process
 * only is passed on as SIGTERM, which our programs take as the same wish.
 */
export function runToEnd(child) {
  const passOn = () => child.kill('SIGTERM')
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, passOn)
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      for (const each of signals) process.off(each, passOn)
      resolve(exitCode(code, signal))
    })
  })
}
