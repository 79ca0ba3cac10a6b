import type { KeyboardEvent, ReactNode, RefObject, ToggleEvent } from 'react'
import { useId, useRef } from 'react'

interface MenuItem<Value> {
  readonly value: Value
  readonly name: string
  readonly detail?: string
}

interface MenuProps<Value> {
  /** What stands on the button. */
  readonly children: ReactNode
  readonly label: string
  readonly className?: string
  readonly items: readonly MenuItem<Value>[]
  readonly isDisabled?: boolean
  /** To the button, for a shortcut that presses it. */
  readonly button?: RefObject<HTMLButtonElement | null>
  onChoose(value: Value): void
}

/** A button that opens a list of things to do: arrows, Home and End move, Escape closes. */
export function Menu<Value extends string>({
  children,
  label,
  className = 'button quiet',
  items,
  isDisabled = false,
  button,
  onChoose,
}: MenuProps<Value>) {
  const id = useId()
  const list = useRef<HTMLDivElement>(null)

  const buttons = (): HTMLElement[] => [...(list.current?.querySelectorAll('button') ?? [])]

  function focusFirst({ newState }: ToggleEvent): void {
    if (newState === 'open') buttons()[0]?.focus()
  }

  function move(event: KeyboardEvent): void {
    const all = buttons()
    const at = all.findIndex((button) => button === document.activeElement)
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key]
    if (event.key === 'Tab') list.current?.hidePopover()
    if (to === undefined) return
    event.preventDefault()
    all.at(to % all.length)?.focus()
  }

  return (
    <>
      <button
        ref={button}
        type="button"
        className={className}
        aria-haspopup="menu"
        aria-disabled={isDisabled}
        {...(isDisabled ? {} : { popoverTarget: id })}
      >
        {children}
      </button>
      <div
        ref={list}
        id={id}
        popover="auto"
        role="menu"
        tabIndex={-1}
        aria-label={label}
        className="menu"
        onToggle={focusFirst}
        onKeyDown={move}
      >
        {items.map(({ value, name, detail }) => (
          <button
            key={value}
            type="button"
            role="menuitem"
            tabIndex={-1}
            className="menu-item"
            onClick={() => {
              list.current?.hidePopover()
              onChoose(value)
            }}
          >
            {name}
            {detail && <small>{detail}</small>}
          </button>
        ))}
      </div>
    </>
  )
}
