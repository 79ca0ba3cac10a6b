import { describe, expect, it } from 'vitest'
import { settingsSchema } from '../../settings/settings.ts'
import { namesInOrder, orderAfterMove } from './microphone-names.ts'

const microphone = (name: string, isDefault = false) => ({ name, isDefault, channels: 1 })

describe('microphones', () => {
  it('stand in the user’s order, then the default one, each once', () => {
    const microphones = [microphone('Desk'), microphone('Headset'), microphone('Line', true)]
    expect(namesInOrder(['Gone', 'Headset'], microphones)).toEqual([
      'Gone',
      'Headset',
      'Line',
      'Desk',
    ])
  })

  it('can be put in order also where there are more than the settings keep', () => {
    const names = Array.from({ length: 30 }, (_one, index) => `Card ${index}`)
    const order = orderAfterMove(names, 'Card 25', 0)
    expect(order.slice(0, 2)).toEqual(['Card 25', 'Card 0'])
    expect(settingsSchema.safeParse({ microphone: { order } }).success).toBe(true)
  })
})
