/** Which part of a list is wanted. */
export interface PageRequest {
  /** Of the page before: the id of its last row. What was added since does not move the pages. */
  readonly cursor?: string | undefined
  /** Rows per page, above 0. */
  readonly limit: number
}

export interface Page<T> {
  readonly rows: readonly T[]
  /** Where the next page begins; null: this was the last one. */
  readonly nextCursor: string | null
}

/** @param read up to one more row than is shown, which tells whether there is a next page */
export function toPage<T extends { readonly id: string }>(
  read: readonly T[],
  limit: number,
): Page<T> {
  const rows = read.slice(0, limit)
  return { rows, nextCursor: read.length > limit ? (rows.at(-1)?.id ?? null) : null }
}
