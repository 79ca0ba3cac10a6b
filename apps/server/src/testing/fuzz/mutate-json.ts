import type { JsonTree } from './json-tree.ts'
import { toText, toTree } from './json-tree.ts'
import { mutateBytes } from './mutate-bytes.ts'
import type { Random } from './random.ts'

/** Numbers at the edges of every type that they may end up in, and some that are none. */
const NUMBERS =
  '0 -0 -1 1 0.5 1e-7 255 65536 2147483647 2147483648 4294967296 9007199254740993 1e21 1e308 1e999 -1e999 NaN Infinity -Infinity 0x10 01 1. .5 1e +1 1_000'.split(
    ' ',
  )
const LITERALS = ['null', 'true', 'false', 'undefined', '[]', '{}', '""', '[null]', ''] as const
/** Objects that claim to be something else, and of which nothing simple can be made. */
const POSERS = [
  '{"length":{"valueOf":0,"toString":0}}',
  '{"size":{"valueOf":0,"toString":0}}',
  '{"length":-1}',
  '{"valueOf":0,"toString":0}',
  '{"then":{"valueOf":0}}',
] as const
const STRINGS = [
  '"\\u0000"',
  '"a\\u0000b"',
  '"\\ud800"',
  '"\\udfff\\ud800"',
  '"\ud83d\ude00"',
  '"\\u202e\\ufeff\\u200b"',
  '"e\u0301"',
  '"\\r\\nSet-Cookie: a=b"',
  '"../../../etc/passwd"',
  '"%00%2e%2e%2f"',
  `"' OR 1=1; --"`,
  '"<img src=x onerror=alert(1)>"',
  '"${7*7}{{7*7}}"',
  '"$where"',
  '"__proto__"',
  '"constructor"',
  '"[object Object]"',
  '"NaN"',
  '"1e999"',
  '"-1"',
  '"\\x41"',
  '"\t\u0007"',
] as const
const KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'then',
  'toJSON',
  'length',
  '',
  '0',
  '\u0000',
  '\ud83d\ude00',
  'type',
  'id',
  '$ref',
] as const
/** A level deep or so many that a reader that calls itself would run out of stack. */
const DEPTHS = [1, 2, 50, 1000, 10_000] as const
const LENGTHS = [101, 257, 4097, 20_000, 70_000] as const

/** A valid message, changed in one to three places: mostly JSON still, rarely what it was. */
export function mutateJson(random: Random, value: unknown): Buffer {
  const holder: JsonTree = { kind: 'array', items: [toTree(value)] }
  const changes = 1 + random.int(3)
  for (let i = 0; i < changes; i++) mutateOnce(random, holder)
  const text = Buffer.from(holder.items.map(toText).join(','))
  return random.chance(0.15) ? mutateBytes(random, text) : text
}

/** One place of the tree below `root`, which itself stays. */
function mutateOnce(random: Random, root: JsonTree): void {
  const parents = collect(root).filter((tree) => tree.kind !== 'text')
  const parent = random.pick(parents)
  if (parent.kind === 'array') mutateItem(random, parent.items)
  else if (parent.kind === 'object') mutatePair(random, parent.pairs)
}

function collect(tree: JsonTree): JsonTree[] {
  if (tree.kind === 'text') return [tree]
  const below = tree.kind === 'array' ? tree.items : tree.pairs.map(([, value]) => value)
  return [tree, ...below.flatMap(collect)]
}

function mutateItem(random: Random, items: JsonTree[]): void {
  const at = random.int(Math.max(1, items.length))
  const old = items[at] ?? { kind: 'text', text: 'null' }
  const dice = random.int(10)
  if (dice === 0) items.splice(at, 1)
  else if (dice === 1) items.push(old)
  else items[at] = oddValue(random, old)
}

function mutatePair(random: Random, pairs: [string, JsonTree][]): void {
  const at = random.int(Math.max(1, pairs.length))
  const [key, old] = pairs[at] ?? ['', { kind: 'text', text: 'null' }]
  switch (random.int(7)) {
    case 0:
      return void pairs.splice(at, 1)
    case 1:
      // The same key once more, before or behind the right one.
      return void pairs.splice(at + random.int(2), 0, [key, oddValue(random, old)])
    case 2:
      pairs[at] = [random.pick(KEYS), old]
      return
    case 3:
      return void pairs.push([random.pick(KEYS), oddValue(random, old)])
    default:
      pairs[at] = [key, oddValue(random, old)]
  }
}

function oddValue(random: Random, old: JsonTree): JsonTree {
  const text = (value: string): JsonTree => ({ kind: 'text', text: value })
  switch (random.int(8)) {
    case 0:
    case 1:
      return text(random.pick(NUMBERS))
    case 2:
      return text(random.pick(random.chance(0.3) ? POSERS : LITERALS))
    case 3:
    case 4:
      return text(random.pick(STRINGS))
    case 5:
      return { kind: 'array', items: [old] }
    case 6:
      return { kind: 'object', pairs: [[random.pick(KEYS), old]] }
    default:
      return text(random.chance(0.1) ? oversized(random) : longString(random))
  }
}

function longString(random: Random): string {
  return JSON.stringify(random.pick(['x', '\u00e9', '\ud83d\ude00', '\\']).repeat(random.int(120)))
}

function oversized(random: Random): string {
  const depth = random.pick(DEPTHS)
  switch (random.int(3)) {
    case 0:
      return `${'['.repeat(depth)}${']'.repeat(depth)}`
    case 1:
      return `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
    default:
      return JSON.stringify('x'.repeat(random.pick(LENGTHS)))
  }
}
