import { createRequire } from 'node:module'

/** Beside a packaged app's code; in a checkout, by the package that depends on it. @throws Error */
export function resolveNativePackage(name: string): string {
  const { resolve } = createRequire(import.meta.url)
  try {
    return resolve(name)
  } catch {
    return createRequire(resolve('@saywire/speech/package.json')).resolve(name)
  }
}
