// Starting our TypeScript programs as child processes, with signals that arrive exactly once.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { constants } from 'node:os'
import { root } from './setup.mjs'

const SERVER = 'apps/server/src/main.ts'

/**
 * What Node is told when it runs the server: V8 grows a young generation step by step, and each step
 * is paid by whoever speaks meanwhile. `npm run bench -- proxy` measures what it is worth.
 */
function nodeFlags(file) {
  if (file !== SERVER) return []
  return JSON.parse(readFileSync(join(root, 'apps/server/node-flags.json'), 'utf8'))
}

/**
 * Runs a TypeScript file of this project, in the folder that the user called from, so that relative
 * paths on the command line mean what the user meant.
 */
export function startProgram(file, args, options = {}) {
  const tsx = import.meta.resolve('tsx')
  const node = [...nodeFlags(file), '--import', tsx]
  return spawn(process.execPath, [...node, join(root, file), ...args], {
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
/** How often is looked whether npm is still there. */
const NPM_CHECK_MS = 500
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
const parentAtStart = process.ppid

/**
 * Waits for the program. The terminal's Ctrl-C reaches it by itself unless it is detached; a signal
 * sent to this process is passed on as SIGTERM, which our programs take as the same wish.
 */
export function runToEnd(child) {
  const unsubscribe = onWishToEnd(() => child.kill('SIGTERM'))
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      unsubscribe()
      resolve(exitCode(code, signal))
    })
  })
}

/** @returns what ends the calls */
export function onWishToEnd(handler) {
  let wishedMs = -Infinity
  const wish = () => {
    if (performance.now() - wishedMs < SAME_WISH_MS) return
    wishedMs = performance.now()
    handler()
  }
  for (const signal of signals) process.on(signal, wish)
  // A signal to npm alone reaches its shell, which dies of it and passes nothing on.
  const timer = setInterval(() => {
    if (!isLeftByNpm()) return
    clearInterval(timer)
    wish()
  }, NPM_CHECK_MS)
  return () => {
    clearInterval(timer)
    for (const signal of signals) process.off(signal, wish)
  }
}

/** Whoever starts this without npm may go away and mean it to go on. */
function isLeftByNpm() {
  return process.env.npm_lifecycle_event !== undefined && process.ppid !== parentAtStart
}
