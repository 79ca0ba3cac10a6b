/**
 * Users whose books are wrong: the ledger is not available + held, what is held is not what active
 * leases were granted, or something is below zero. One statement, so one instant. Must be empty.
 */
export async function unbalancedUsers(database: {
  query(sql: string): Promise<Record<string, unknown>[]>
}): Promise<Record<string, unknown>[]> {
  return database.query(`
    SELECT * FROM (
      SELECT b.*,
        (SELECT coalesce(sum(delta_ms), 0) FROM usage_ledger l WHERE l.user_id = b.user_id) AS booked,
        (SELECT coalesce(sum(granted_ms), 0) FROM leases a
          WHERE a.user_id = b.user_id AND a.state = 'active') AS leased
      FROM credit_balance b
    ) AS books
    WHERE available_ms + held_ms <> booked OR held_ms <> leased
      OR available_ms < 0 OR held_ms < 0`)
}
