import type { FieldIssue } from '../ui/form-issues.ts'

/** What the server accepts as a password, in characters. */
const PASSWORD_MIN_LENGTH = 8
const PASSWORD_MAX_LENGTH = 256

export const PASSWORD_HINT = `At least ${PASSWORD_MIN_LENGTH} characters. A few unrelated words are easy to remember.`

/** What is wrong with an address, as far as this page can know. */
export function checkEmail(path: string, email: string): FieldIssue[] {
  if (email.trim() === '') return [{ path, message: 'Enter your email address.' }]
  if (/^\s*\S+@\S+\.\S+\s*$/.test(email)) return []
  return [{ path, message: 'This is not a complete email address, such as name@example.org.' }]
}

/** What is wrong with a password that somebody chooses. */
export function checkNewPassword(path: string, password: string): FieldIssue[] {
  const { length } = password
  if (length === 0) return [{ path, message: 'Choose a password.' }]
  if (length < PASSWORD_MIN_LENGTH) {
    const missing = PASSWORD_MIN_LENGTH - length
    return [{ path, message: `Add ${missing} more character${missing === 1 ? '' : 's'}.` }]
  }
  if (length <= PASSWORD_MAX_LENGTH) return []
  return [{ path, message: `Use at most ${PASSWORD_MAX_LENGTH} characters.` }]
}

/** What is wrong with a password that somebody already has. */
export function checkPassword(path: string, password: string): FieldIssue[] {
  return password === '' ? [{ path, message: 'Enter your password.' }] : []
}
