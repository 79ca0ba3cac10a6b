// Takes native modules out of this workspace for a build that is to run without it.
import { cpSync, mkdirSync, readFileSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Sources and object files that only a build needs; licences stay. */
const LEFT_OUT =
  /(?:\/(?:obj\.target|scratch|src|portaudio|libuiohook|\.deps|include)|\.(?:d\.ts|map|gyp|o|a|mk)|(?<!licen[cs]e|notice|copying)\.md)$/i

/**
 * With what it needs at run time, all side by side. A module that is not for this system is skipped.
 * @param {string} name
 * @param {string} owner folder of the package that depends on it
 * @param {string} target the new `node_modules`
 */
export function copyModule(name, owner, target) {
  const folder = findModule(name, owner)
  if (!folder) return
  const copy = join(target, name)
  mkdirSync(dirname(copy), { recursive: true })
  cpSync(folder, copy, {
    recursive: true,
    dereference: true,
    filter: (path) => {
      const inside = path.slice(folder.length).replaceAll('\\', '/')
      return !LEFT_OUT.test(inside) && !isForElsewhere(inside)
    },
  })
  const { dependencies, optionalDependencies } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  )
  for (const needed of Object.keys({ ...dependencies, ...optionalDependencies })) {
    copyModule(needed, folder, target)
  }
}

function isForElsewhere(path) {
  const [, platform] = /^\/prebuilds\/([^/]+)/.exec(path) ?? []
  return platform !== undefined && platform !== `${process.platform}-${process.arch}`
}

/** @returns its folder; undefined where it is not installed */
export function findModule(name, owner) {
  for (const path of createRequire(join(owner, 'package.json')).resolve.paths(name) ?? []) {
    try {
      return realpathSync(join(path, name))
    } catch {
      // Higher up, perhaps.
    }
  }
  return undefined
}
