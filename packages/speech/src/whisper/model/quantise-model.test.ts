import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { quantiseModel, toQuantised } from './quantise-model.ts'

interface Tensor {
  readonly name: string
  readonly sizes: readonly number[]
  /** Bits of each weight, f16. */
  readonly halves: readonly number[]
}

const ZERO = 0x0000
const ONE = 0x3c00
const MINUS_ONE = 0xbc00
/** 2⁻²⁴, the smallest there is. */
const LEAST = 0x0001

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saywire-quantise-'))
})
afterEach(async () => rm(folder, { recursive: true }))

const ints = (...values: readonly number[]) => Buffer.from(Int32Array.from(values).buffer)
const head = (ftype: number) => [
  ints(0x67676d6c, 51_864, 1500, 512, 8, 6, 448, 512, 8, 6, 80, ftype),
  ints(2, 1),
  Buffer.from(Float32Array.of(0.5, 0.25).buffer),
  ints(2, 2),
  Buffer.from('hi'),
  ints(0),
]
const fill = (halves: readonly number[]) => [...halves, ...Array(32 - halves.length).fill(ZERO)]

function tensor({ name, sizes, halves }: Tensor, type = 1): Buffer[] {
  const bits = Buffer.from(Uint16Array.from(halves).buffer)
  return [ints(sizes.length, name.length, type, ...sizes), Buffer.from(name), bits]
}

async function quantised(...parts: readonly Buffer[]): Promise<Buffer> {
  const [from, to] = [join(folder, 'from'), join(folder, 'to')]
  await writeFile(from, Buffer.concat(parts))
  await quantiseModel(from, to, { onProgress: () => {} })
  return readFile(to)
}

async function blockOf(halves: readonly number[]): Promise<{ scale: number; steps: number[] }> {
  const model = await quantised(
    ...head(1),
    ...tensor({ name: 'a.weight', sizes: [32, 1], halves: fill(halves) }),
  )
  const block = model.subarray(-34)
  return { scale: block.readUInt16LE(0), steps: [...new Int8Array(block.subarray(2))] }
}

describe('a model of 8 bits', () => {
  it('has a scale, and how often each weight has it', async () => {
    const { scale, steps } = await blockOf([ONE, MINUS_ONE, 0x3800, 0xb800, 0x2000])
    // 1/127, as near as a half can say it.
    expect(scale).toBe(0x2008)
    // 0.5 is 63.5 steps: away from zero.
    expect(steps.slice(0, 5)).toEqual([127, -127, 64, -64, 1])
    expect(steps.slice(5).every((step) => step === 0)).toBe(true)
  })

  it.each([
    ['nothing', [ZERO], ZERO, [0]],
    ['weights too small for a scale of their own', [LEAST, LEAST], ZERO, [127, 127]],
    ['a scale that is smaller than any normal half', [0x0400], 8, [127]],
  ])('can hold %s', async (_what, halves, scale, steps) => {
    const block = await blockOf(halves)
    expect(block.scale).toBe(scale)
    expect(block.steps.slice(0, steps.length)).toEqual(steps)
  })

  it('keeps all else as it is, and says what it is', async () => {
    const bias = { name: 'a.bias', sizes: [32], halves: fill([ONE]) }
    const table = { name: 'decoder.positional_embedding', sizes: [16, 2], halves: fill([ONE]) }
    const kernel = { name: 'encoder.conv1.weight', sizes: [2, 4, 4], halves: fill([ONE]) }
    const rest = [bias, table, kernel].flatMap((one) => tensor(one))
    expect(await quantised(...head(1), ...rest)).toEqual(Buffer.concat([...head(2007), ...rest]))
  })

  it.each([
    ['something else', [Buffer.from('{"error": "not found", "code": 404, "say": "sorry"}')]],
    ['quantised already', [...head(2007), ...tensor({ name: 'w', sizes: [32, 1], halves: [] }, 8)]],
    ['of a size that no model has', [...head(1), ints(2, -3, 1, 32, 1)]],
    [
      'of an odd length',
      [...head(1), ...tensor({ name: 'w', sizes: [31, 1], halves: Array(31).fill(ZERO) })],
    ],
    ['cut short', [...head(1), ...tensor({ name: 'w', sizes: [32, 2], halves: fill([]) })]],
  ])('is not made of what is %s', async (_what, parts) => {
    await expect(quantised(...parts)).rejects.toMatchObject({ name: 'DownloadError' })
  })

  it('is made of the model whose name it has', () => {
    const of = (name: string) => toQuantised.of({ name, file: '', sizeBytes: 0, sha256: '' })?.name
    expect(of('base.en-q8_0')).toBe('base.en')
    expect(of('base.en-q5_1')).toBeUndefined()
    expect(of('base.en')).toBeUndefined()
  })
})
