import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A real file system of 64 KB, which only root may mount. */
export function mountTinyDisk() {
  const path = mkdtempSync(join(tmpdir(), 'saywire-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', path])
  return {
    path,
    setReadOnly(readOnly: boolean) {
      execFileSync('mount', ['-o', `remount,${readOnly ? 'ro' : 'rw'}`, path])
    },
    [Symbol.dispose]() {
      execFileSync('umount', ['-l', path])
      rmSync(path, { recursive: true })
    },
  }
}

/** Containers may be root and still not mount. */
export function canMount(): boolean {
  try {
    mountTinyDisk()[Symbol.dispose]()
    return true
  } catch {
    return false
  }
}
