import { createContext, useContext } from 'react'

/** What is wrong with one field of a form. */
export interface FieldIssue {
  /** Name of the field. */
  readonly path: string
  readonly message: string
}

/** What is wrong with the fields of the surrounding form. */
export const FormIssues = createContext<readonly FieldIssue[]>([])

/** What is wrong with one field; undefined when nothing is known to be. */
export function useFieldIssue(name: string): string | undefined {
  return useContext(FormIssues).find(({ path }) => path === name)?.message
}
