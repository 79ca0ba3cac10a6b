/** What was seen of a server that is sent nonsense, against what is promised of it. */
export interface Witness {
  /** @param kind of the answer, for the counts: a status, a close code, a type of message */
  saw(kind: string, answer: string, sent: Buffer): void
  /** Something that must not be, beside what saw() finds by itself. */
  complain(what: string, sent: Buffer): void
  readonly counts: Readonly<Record<string, number>>
  /** The first of each kind, with what was sent. */
  readonly problems: readonly Problem[]
  readonly problemCount: number
}

export interface Problem {
  readonly what: string
  readonly sent: string
}

/** What no answer and no line of a log may have: a stack, the place of a source, a database's words. */
const LEAKS =
  /\n?\s+at .{0,200}[/(].{0,200}:\d+:\d+|node_modules|\/src\/[\w/-]+\.ts|\.prisma\.|PrismaClient|SELECT .{1,80} FROM /
const SENT_MAX = 600

/** @param canaries secrets that the server knows and nobody may be told */
export function createWitness(canaries: readonly string[]): Witness {
  const counts: Record<string, number> = {}
  const problems = new Map<string, Problem>()
  let problemCount = 0

  function complain(what: string, sent: Buffer): void {
    problemCount += 1
    if (problems.has(what)) return
    const text = sent.subarray(0, SENT_MAX).toString('latin1')
    problems.set(what, { what, sent: JSON.stringify(text) })
  }

  return {
    saw(kind, answer, sent) {
      counts[kind] = (counts[kind] ?? 0) + 1
      const leak = findLeak(answer, canaries)
      if (leak !== undefined) complain(`${kind} tells ${leak}`, sent)
    },
    complain,
    counts,
    get problems() {
      return [...problems.values()]
    },
    get problemCount() {
      return problemCount
    },
  }
}

/** @returns what the text must not tell; undefined where it tells no such thing */
export function findLeak(text: string, canaries: readonly string[]): string | undefined {
  const canary = canaries.find((secret) => text.includes(secret))
  if (canary !== undefined) return `the secret ${canary.slice(0, 12)}…`
  return LEAKS.exec(text)?.[0].trim()
}
