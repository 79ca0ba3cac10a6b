import type { DragEvent } from 'react'
import { useRef, useState } from 'react'
import { useDesktopState } from '../api/hooks.ts'
import { useSetting } from '../api/use-setting.ts'
import { ActionButton } from '../ui/action-button.tsx'
import { Icon } from '../ui/icon.tsx'
import { namesInOrder, orderAfterMove } from './microphone-names.ts'

/** Microphones in the order in which they are tried: dragged, or moved by their buttons. */
export function MicrophoneOrder() {
  const { microphones } = useDesktopState()
  const order = useSetting('microphone', 'order')
  const [said, setSaid] = useState('')
  const dragged = useRef<string>(undefined)
  const present = new Map(microphones.map((microphone) => [microphone.name, microphone]))
  const names = namesInOrder(order.value, microphones)
  const used = names.find((name) => present.has(name))

  function move(name: string, to: number): void {
    if (to < 0 || to >= names.length) return
    void order.set(orderAfterMove(names, name, to))
    setSaid(`${name} is now number ${to + 1} of ${names.length}.`)
  }

  function drop(event: DragEvent, to: number): void {
    event.preventDefault()
    if (dragged.current !== undefined) move(dragged.current, to)
    dragged.current = undefined
  }

  if (names.length === 0) {
    return (
      <p className="callout">
        <span>No microphone was found. Plug one in: it appears here by itself.</span>
      </p>
    )
  }
  return (
    <>
      <ol className="microphones" aria-label="Microphones, first choice first">
        {names.map((name, at) => {
          const microphone = present.get(name)
          return (
            // Dragging is a second way: the buttons do the same by keyboard.
            // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
            <li
              key={name}
              className="microphone"
              data-used={name === used}
              draggable
              onDragStart={() => (dragged.current = name)}
              onDragOver={(event) => event.preventDefault()}
              onDrop={(event) => drop(event, at)}
            >
              <Icon name="grip" />
              <span className="microphone-name">{name}</span>
              {name === used && <span className="chip good">in use</span>}
              {!microphone && <span className="chip">not plugged in</span>}
              {microphone?.isDefault && name !== used && (
                <span className="chip">system’s default</span>
              )}
              <span className="microphone-moves">
                <ActionButton
                  className="button bare"
                  label={`Prefer ${name}`}
                  isDisabled={at === 0}
                  onPress={() => move(name, at - 1)}
                >
                  <Icon name="up" />
                </ActionButton>
                <ActionButton
                  className="button bare"
                  label={`Prefer ${name} less`}
                  isDisabled={at === names.length - 1}
                  onPress={() => move(name, at + 1)}
                >
                  <Icon name="down" />
                </ActionButton>
              </span>
            </li>
          )
        })}
      </ol>
      <p className="visually-hidden" role="status">
        {said}
      </p>
      <p className="problem" role="alert">
        {order.problem}
      </p>
    </>
  )
}
