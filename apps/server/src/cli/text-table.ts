/**
 * Rows for people, in columns. What others may have written (a model's name, a reason) moves no cursor:
 * control characters are shown as `?`.
 * @param columns their headings; those that begin with `>` are set to the right
 */
export function textTable(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const isRight = columns.map((column) => column.startsWith('>'))
  const headings = columns.map((column) => column.replace(/^>/, ''))
  const lines = [headings, ...rows].map((row) => row.map(plainText))
  const widths = headings.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)))
  return lines
    .map((line) =>
      line
        .map((cell, i) =>
          isRight[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** One line without anything that a terminal would obey. */
export function plainText(text: string): string {
  return text.replaceAll(/\p{Cc}|\p{Cf}/gu, '?')
}
