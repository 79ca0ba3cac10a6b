import { describe, expect, it } from 'vitest'
import { moonshineTokens } from './moonshine-tokens.ts'

describe("Moonshine's tokens", () => {
  it('are a line each: bytes in base64 and number', () => {
    const vocabulary = Buffer.from('<unk>\n<0xE2>\n▁the\ng').toString('base64')
    const source = `const other = "x"\nconst llama_vocab_base64 = "${vocabulary}";\n`
    const [unknown, byte, word, letter, end] = moonshineTokens(source).split('\n')
    expect(unknown).toBe(`${Buffer.from('<unk>').toString('base64')} 0`)
    expect(byte).toBe(`${Buffer.from([0xe2]).toString('base64')} 1`)
    expect(Buffer.from(word?.split(' ')[0] ?? '', 'base64').toString()).toBe('▁the')
    expect(letter).toBe('Zw== 3')
    expect(end).toBe('')
  })

  it('are not made of anything else', () => {
    expect(() => moonshineTokens('<html>')).toThrow('no vocabulary')
  })
})
