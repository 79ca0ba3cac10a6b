import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { BenchRun } from '../report.ts'

/** A program of a bench in a process of its own, that answers one question at a time. */
export interface Answerer<Questions extends Record<string, (asked: never) => unknown>> {
  readonly pid: number
  ask<Name extends keyof Questions & string>(
    name: Name,
    asked: Parameters<Questions[Name]>[0],
  ): Promise<Awaited<ReturnType<Questions[Name]>>>
  end(): Promise<void>
}

type Answer = { readonly value: unknown } | { readonly error: string }

/** @param command what stands before Node, such as `taskset -c 1` */
export function startAnswerer<Questions extends Record<string, (asked: never) => unknown>>(
  run: BenchRun,
  file: URL,
  command: readonly string[] = [],
): Answerer<Questions> {
  const [program, ...args] = [...command, process.execPath, '--import', 'tsx', file.pathname]
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const exited = once(child, 'exit')
  const end = async (): Promise<void> => {
    child.kill('SIGKILL')
    await exited
  }
  run.atEnd(end)
  return {
    pid: child.pid ?? 0,
    end,
    async ask(name, asked) {
      child.send({ name, asked })
      const gone = exited.then(() => [{ error: `${file.pathname} ended` }])
      const [answer] = (await Promise.race([once(child, 'message'), gone])) as [Answer]
      if ('error' in answer) throw new Error(answer.error)
      return answer.value as never
    },
  }
}

/** Answers questions until whoever asks is gone. */
export function answerQuestions(answers: Record<string, (asked: never) => unknown>): void {
  process.once('disconnect', () => process.exit())
  process.on('SIGINT', () => undefined)
  process.on('message', ({ name, asked }: { name: string; asked: never }) => {
    Promise.resolve()
      .then(async () => answers[name]?.(asked))
      .then(
        (value) => process.send?.({ value }),
        (error: unknown) => process.send?.({ error: String(error) }),
      )
  })
}
