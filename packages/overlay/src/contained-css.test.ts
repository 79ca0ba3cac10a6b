import { describe, expect, it } from 'vitest'
import { containedCss } from './contained-css.ts'

describe('containedCss', () => {
  it.each([
    [':root { --caption-size: 9px }', ':host { --caption-size: 9px }'],
    ['html,body{color:red}', ':host,:host{color:red}'],
    ['body .line { color: red }', ':host .line { color: red }'],
    ['.body, #html, .some-body { color: red }', '.body, #html, .some-body { color: red }'],
  ])('turns %j into %j', (css, expected) => {
    expect(containedCss(css)).toBe(expected)
  })
})
