/**
 * JSON that can say what no value can: a key twice, a number beyond all numbers, half of a
 * character, no JSON at all.
 */
export type JsonTree = JsonObject | JsonArray | JsonText
interface JsonObject {
  readonly kind: 'object'
  readonly pairs: [key: string, value: JsonTree][]
}
interface JsonArray {
  readonly kind: 'array'
  readonly items: JsonTree[]
}
/** Goes onto the wire as it is. */
interface JsonText {
  readonly kind: 'text'
  readonly text: string
}

export function toTree(value: unknown): JsonTree {
  if (Array.isArray(value)) return { kind: 'array', items: value.map(toTree) }
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).filter(([, each]) => each !== undefined)
    return { kind: 'object', pairs: pairs.map(([key, each]) => [key, toTree(each)]) }
  }
  return { kind: 'text', text: JSON.stringify(value ?? null) }
}

export function toText(tree: JsonTree): string {
  switch (tree.kind) {
    case 'object':
      return `{${tree.pairs.map(([key, each]) => `${JSON.stringify(key)}:${toText(each)}`).join(',')}}`
    case 'array':
      return `[${tree.items.map(toText).join(',')}]`
    case 'text':
      return tree.text
  }
}
