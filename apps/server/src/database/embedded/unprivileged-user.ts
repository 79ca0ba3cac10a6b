import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'

export interface UserIds {
  readonly uid: number
  readonly gid: number
}

const execute = promisify(execFile)

/**
 * Whom PostgreSQL runs as. Undefined: as ourselves. PostgreSQL refuses to run as root, so root
 * drops to `postgres` where that user exists and otherwise to `nobody`; no user is created.
 * @throws Error where root finds neither
 */
export async function findPostgresUser(): Promise<UserIds | undefined> {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    const ids = await idsOf(name)
    if (ids && ids.uid !== 0) return ids
  }
  throw new Error(
    'PostgreSQL does not run as root, and there is no user `postgres` or `nobody` to run it as. ' +
      'Start Saywire as an ordinary user, or set DATABASE_URL.',
  )
}

/** Whether that user may enter `folder`, judging by the modes of it and of everything above it. */
export async function canEnter(folder: string, ids: UserIds): Promise<boolean> {
  const info = await stat(folder).catch(() => undefined)
  if (!info) return false
  const bit = info.uid === ids.uid ? 0o100 : info.gid === ids.gid ? 0o010 : 0o001
  if ((info.mode & bit) === 0) return false
  const parent = dirname(folder)
  return parent === folder || canEnter(parent, ids)
}

async function idsOf(name: string): Promise<UserIds | undefined> {
  try {
    const [uid, gid] = await Promise.all([execute('id', ['-u', name]), execute('id', ['-g', name])])
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
  } catch {
    return undefined
  }
}
