import { createContext, useContext } from 'react'
import type { FieldIssue } from '../session/credentials.ts'

/** What is wrong with the fields of the surrounding form. */
export const FormIssues = createContext<readonly FieldIssue[]>([])

/** What is wrong with one field; undefined when nothing is known to be. */
export function useFieldIssue(name: string): string | undefined {
  return useContext(FormIssues).find(({ path }) => path === name)?.message
}
