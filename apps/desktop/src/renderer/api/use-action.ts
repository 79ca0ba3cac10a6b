import { useState } from 'react'
import { sentenceOf } from './shown-error.ts'

/** Something that the host is asked to do. */
export interface Action<Input, Output> {
  /** @returns what it answered; undefined where it failed, and `problem` says why */
  run(input: Input): Promise<Output | undefined>
  readonly isPending: boolean
  /** What went wrong the last time, and what to do. */
  readonly problem: string | undefined
}

export function useAction<Input, Output>(
  act: (input: Input) => Promise<Output>,
): Action<Input, Output> {
  const [isPending, setPending] = useState(false)
  const [problem, setProblem] = useState<string>()
  async function run(input: Input): Promise<Output | undefined> {
    if (isPending) return undefined
    setPending(true)
    setProblem(undefined)
    try {
      return await act(input)
    } catch (error) {
      setProblem(sentenceOf(error))
      return undefined
    } finally {
      setPending(false)
    }
  }
  return { run, isPending, problem }
}
