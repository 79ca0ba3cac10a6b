import { describe, expect, it } from 'vitest'
import { spokenForm, wordErrorRate, wordErrors } from './word-error-rate.ts'

describe('word error rate', () => {
  it('counts each wrong, missing and added word once', () => {
    expect(wordErrors('the cat sat on the mat', 'the cat sat on the mat').errors).toBe(0)
    expect(wordErrors('the cat sat on the mat', 'the bat sat on mat today').errors).toBe(3)
    expect(wordErrors('the cat', '')).toEqual({ errors: 2, words: 2 })
    expect(wordErrors('', 'bye').errors).toBe(1)
  })

  it('does not count case, punctuation, titles and ways of writing numbers', () => {
    expect(wordErrors('MISTER QUILTER IS 21', 'Mr. Quilter is twenty-one.').errors).toBe(0)
    expect(wordErrors("don't, it's OK", 'dont its okay').errors).toBe(0)
    expect(wordErrors('in nineteen sixty one', 'In 1961').errors).toBe(0)
    expect(wordErrors('one thousand two hundred dollars', '$1,200').errors).toBe(0)
    expect(wordErrors('the twentieth and the third', 'the 20th and the 3rd').errors).toBe(0)
    expect(wordErrors('five percent', '5%').errors).toBe(0)
  })

  it('leaves out notes', () => {
    expect(spokenForm('[Music] so (laughs) it goes')).toEqual(['so', 'it', 'goes'])
  })

  it('weighs texts by their words', () => {
    expect(wordErrorRate([wordErrors('a b c', 'a b c'), wordErrors('a', 'b')])).toBe(0.25)
    expect(wordErrorRate([])).toBe(0)
  })
})
