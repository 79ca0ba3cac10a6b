import { randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { JWT_SECRET_MIN_BYTES } from './access-tokens.ts'

/**
 * The secret of a self-hosted server: made once, readable by its owner alone (0600). Deleting the
 * file logs everybody out within 15 minutes.
 * @throws Error naming the file where it holds no secret
 */
export async function loadOrCreateJwtSecret(dataDir: string): Promise<string> {
  const file = join(dataDir, 'jwt-secret')
  await mkdir(dataDir, { recursive: true })
  const secret = (await readIfThere(file)) ?? (await create(file))
  if (Buffer.byteLength(secret.trim()) < JWT_SECRET_MIN_BYTES) {
    throw new Error(
      `${file} holds no secret: it must have at least ${JWT_SECRET_MIN_BYTES} bytes. Delete the ` +
        'file and start again: a new one is made, and everybody logs in again.',
    )
  }
  return secret
}

async function readIfThere(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  })
}

/** Complete under its name or not there at all, however this process ends. The first one counts. */
async function create(file: string): Promise<string> {
  const unfinished = `${file}.${randomBytes(4).toString('hex')}`
  const secret = randomBytes(48).toString('base64url')
  try {
    await writeFile(unfinished, secret, { mode: 0o600, flag: 'wx', flush: true })
    await link(unfinished, file).catch((error: unknown) => {
      if (!hasCode(error, 'EEXIST')) throw error
    })
  } finally {
    await rm(unfinished, { force: true })
  }
  return readFile(file, 'utf8')
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
