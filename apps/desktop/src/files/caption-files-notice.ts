import { isErrno } from './live-file.ts'

/** What the user should know of the files while the session goes on. */
export interface CaptionFilesNotice {
  readonly code: 'disk_full' | 'folder_missing' | 'no_permission' | 'write_failed' | 'writing_again'
  /** One sentence that tells the user what to do. */
  readonly message: string
  readonly folder: string
}

export function failureNotice(error: unknown, folder: string): CaptionFilesNotice {
  if (isErrno(error, 'ENOSPC', 'EDQUOT')) {
    const message = `The disk is full: free some space, and the captions will be written to ${folder}.`
    return { code: 'disk_full', message, folder }
  }
  if (isErrno(error, 'EACCES', 'EPERM', 'EROFS')) {
    const message = `Captions may not be written to ${folder}: allow it, or choose another folder.`
    return { code: 'no_permission', message, folder }
  }
  if (isErrno(error, 'ENOENT', 'ENOTDIR', 'ENODEV', 'ENXIO', 'EEXIST')) {
    const message = `The folder ${folder} is not there: connect its disk, or choose another folder.`
    return { code: 'folder_missing', message, folder }
  }
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
  const message = `Captions cannot be written to ${folder}${code}: check the disk, or choose another.`
  return { code: 'write_failed', message, folder }
}

export function againNotice(folder: string): CaptionFilesNotice {
  const message = `Captions are written to ${folder} again; none is missing.`
  return { code: 'writing_again', message, folder }
}
