import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestDatabase } from '../testing/test-database.ts'
import { createTestDatabase } from '../testing/test-database.ts'
import { MIGRATIONS_DIR } from './migrate.ts'

/** One line for each column, index and foreign key: what both sides must say alike. */
type Facts = readonly string[]

const SQL_TYPES: Readonly<Record<string, string>> = {
  String: 'text',
  BigInt: 'bigint',
  Int: 'integer',
  Boolean: 'boolean',
  Json: 'jsonb',
  DateTime: 'timestamp with time zone',
}

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(async () => database.drop())

test('schema.prisma describes exactly the tables that the migrations make', async () => {
  const schema = await readFile(join(MIGRATIONS_DIR, '..', 'schema.prisma'), 'utf8')
  const described = factsOfSchema(schema)
  expect(described.length).toBeGreaterThan(40)
  expect(described).toEqual(await factsOfDatabase())
})

/** Reads the part of Prisma's language that the schema uses: one field or attribute a line. */
function factsOfSchema(schema: string): Facts {
  const models = [...schema.matchAll(/^model (\w+) \{\n([^}]*)^\}/gm)]
  const tables = new Map(
    models.map(([, model, body]) => [model, /@@map\("(\w+)"\)/.exec(body ?? '')?.[1]]),
  )
  return models
    .flatMap(([, model, body = '']) => factsOfModel(tables.get(model) ?? '', body, tables))
    .toSorted()
}

function factsOfModel(
  table: string,
  body: string,
  tables: ReadonlyMap<string | undefined, string | undefined>,
): Facts {
  const lines = body.split('\n').filter((line) => /^ {2}[a-z]/.test(line))
  const fields = lines.map((line) => {
    const [, name = '', type = '', optional] = /^ {2}(\w+)\s+(\w+(?:\[\])?)(\?)?/.exec(line) ?? []
    return {
      name,
      type,
      nullable: optional === '?',
      line,
      column: /@map\("(\w+)"\)/.exec(line)?.[1] ?? name,
    }
  })
  const columns = (list: string): string =>
    list
      .split(', ')
      .map((name) => fields.find((field) => field.name === name)?.column)
      .join()
  const facts: string[] = []
  for (const { type, nullable, line, column } of fields) {
    const sqlType = SQL_TYPES[type]
    if (sqlType) facts.push(`${table}.${column} ${sqlType}${nullable ? ' null' : ''}`)
    if (/ @id\b/.test(line)) facts.push(`${table} unique (${column})`)
    if (/ @unique\b/.test(line)) facts.push(`${table} unique (${column})`)
    const relation =
      /@relation\(fields: \[(.*?)\], references: \[(.*?)\], onDelete: (\w+)[,)]/.exec(line)
    if (relation) {
      const [, from = '', to, onDelete = ''] = relation
      facts.push(
        `${table} (${columns(from)}) -> ${tables.get(type)} (${to}) ${onDelete.toUpperCase()}`,
      )
    }
  }
  for (const [, kind, list = ''] of body.matchAll(/@@(index|unique|id)\(\[(.*?)\]\)/g)) {
    facts.push(`${table} ${kind === 'index' ? 'index' : 'unique'} (${columns(list)})`)
  }
  return facts
}

async function factsOfDatabase(): Promise<Facts> {
  const rows = await database.query(`
    SELECT table_name || '.' || column_name || ' ' || data_type
      || CASE is_nullable WHEN 'YES' THEN ' null' ELSE '' END AS fact
    FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name <> '_prisma_migrations'
    UNION ALL
    SELECT t.relname || CASE WHEN i.indisunique THEN ' unique (' ELSE ' index (' END
      || (SELECT string_agg(a.attname, ',' ORDER BY k.n)
          FROM unnest(i.indkey) WITH ORDINALITY AS k(attnum, n)
          JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum) || ')'
    FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
    WHERE t.relnamespace = 'public'::regnamespace AND t.relname <> '_prisma_migrations'
      -- Partial indexes are among what only the SQL can say.
      AND i.indpred IS NULL
    UNION ALL
    SELECT c.conrelid::regclass || ' (' || a.attname || ') -> ' || c.confrelid::regclass
      || ' (' || b.attname || ') '
      || CASE c.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'r' THEN 'RESTRICT' ELSE 'OTHER' END
    FROM pg_constraint c
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1]
    WHERE c.contype = 'f'`)
  return rows.map((row) => String(row['fact'])).toSorted()
}
