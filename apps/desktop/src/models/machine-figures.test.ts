import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { WhisperProcess, WhisperReply } from '@saywire/speech/whisper'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRememberedMachine } from './machine-figures.ts'

const SPEED = { encoderGflops: 120, decoderGbps: 12 }
const MEASURE = { f16: SPEED, q8_0: SPEED, q5_1: SPEED, q5_0: SPEED, stepMicros: 40 }

describe('what was measured of this machine', () => {
  let dataDir = ''
  let started = 0
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'saywire-machine-'))
    started = 0
  })
  afterEach(async () => rm(dataDir, { recursive: true }))

  /** A process that answers at once. */
  function spawn(): WhisperProcess {
    started++
    let listener: (reply: WhisperReply) => void = () => {}
    return {
      send: () => queueMicrotask(() => listener({ type: 'measured', measure: MEASURE })),
      onReply: (to) => void (listener = to),
      onExit: () => {},
      kill: () => {},
    }
  }
  async function builtLibrary() {
    const path = join(dataDir, 'whisper.node')
    await writeFile(path, 'a library')
    return { kind: 'native', path } as const
  }

  it('is known to later starts, which measure nothing', async () => {
    const library = await builtLibrary()
    const first = createRememberedMachine({ dataDir, spawn })
    expect(await first.recall(library)).toBeUndefined()
    const figures = await first.measure(library)
    expect(figures.measure).toEqual(MEASURE)
    expect(figures.memoryBytes).toBeGreaterThan(0)
    const later = createRememberedMachine({ dataDir, spawn })
    expect(await later.recall()).toEqual(figures)
    expect(await later.recall(library)).toEqual(figures)
    expect(started).toBe(1)
  })

  it('holds for the library that measured it alone', async () => {
    const library = await builtLibrary()
    const machine = createRememberedMachine({ dataDir, spawn })
    await machine.measure(library)
    await utimes(library.path, 1, 1)
    expect(await machine.recall(library)).toBeUndefined()
    expect(await machine.recall({ kind: 'prebuilt' })).toBeUndefined()
  })

  it('holds for this processor alone, and damage is as good as nothing', async () => {
    const file = join(dataDir, 'machine.json')
    const machine = createRememberedMachine({ dataDir, spawn })
    await machine.measure(await builtLibrary())
    const kept = JSON.parse(await readFile(file, 'utf8')) as object
    await writeFile(file, JSON.stringify({ ...kept, processor: '2 × another' }))
    expect(await machine.recall()).toBeUndefined()
    await writeFile(file, '{"processor":')
    expect(await machine.recall()).toBeUndefined()
  })

  it('says of the prebuilt library only what memory there is', async () => {
    const machine = createRememberedMachine({ dataDir, spawn })
    const figures = await machine.measure({ kind: 'prebuilt' })
    expect(figures.measure).toBeNull()
    expect(await machine.recall({ kind: 'prebuilt' })).toEqual(figures)
    expect(started).toBe(0)
  })
})
