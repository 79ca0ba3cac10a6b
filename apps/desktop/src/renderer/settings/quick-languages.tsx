import type { FormEvent } from 'react'
import { useId, useRef, useState } from 'react'
import { languageName } from '../../settings/languages.ts'
import { QUICK_LANGUAGES_MAX } from '../../settings/settings.ts'
import { useSettings } from '../api/hooks.ts'
import { useSetting } from '../api/use-setting.ts'
import { languageOptions } from '../engine/languages.ts'
import { ActionButton } from '../ui/action-button.tsx'
import { Icon } from '../ui/icon.tsx'

/** The languages that the hotkey goes through, in their order. */
export function QuickLanguages() {
  const id = useId()
  const select = useRef<HTMLSelectElement>(null)
  const { mode, language } = useSettings().transcription
  const quick = useSetting('transcription', 'quickLanguages')
  const [said, setSaid] = useState('')
  const tags = quick.value
  const options = languageOptions(mode).filter(({ value }) => !tags.includes(value))

  function become(next: readonly string[], sentence: string): void {
    void quick.set([...next])
    setSaid(sentence)
  }

  function add(event: FormEvent): void {
    event.preventDefault()
    const tag = select.current?.value
    if (tag) become([...tags, tag], `${languageName(tag)} was added.`)
  }

  function move(tag: string, to: number): void {
    const others = tags.filter((one) => one !== tag)
    const sentence = `${languageName(tag)} is now number ${to + 1} of ${tags.length}.`
    become(others.toSpliced(to, 0, tag), sentence)
  }

  function remove(tag: string): void {
    become(
      tags.filter((one) => one !== tag),
      `${languageName(tag)} was removed.`,
    )
    // The button that had the focus is gone.
    select.current?.focus()
  }

  return (
    <>
      <ol className="quick-languages" aria-label="Languages to switch between, in this order">
        {tags.map((tag, at) => (
          <li key={tag}>
            <span className="quick-language">{languageName(tag)}</span>
            {tag.toLowerCase() === language.toLowerCase() && (
              <span className="chip good">in use</span>
            )}
            <ActionButton
              className="button bare"
              label={`${languageName(tag)} earlier`}
              isDisabled={at === 0}
              onPress={() => move(tag, at - 1)}
            >
              <Icon name="up" />
            </ActionButton>
            <ActionButton
              className="button bare"
              label={`${languageName(tag)} later`}
              isDisabled={at === tags.length - 1}
              onPress={() => move(tag, at + 1)}
            >
              <Icon name="down" />
            </ActionButton>
            <ActionButton
              className="button bare"
              label={`Remove ${languageName(tag)}`}
              onPress={() => remove(tag)}
            >
              <Icon name="close" />
            </ActionButton>
          </li>
        ))}
      </ol>
      {tags.length < QUICK_LANGUAGES_MAX && (
        <form className="field" onSubmit={add}>
          <label htmlFor={id}>Add a language</label>
          <span className="field-with-button">
            <select ref={select} id={id} className="input">
              {options.map(({ value, name }) => (
                <option key={value} value={value}>
                  {name}
                </option>
              ))}
            </select>
            <button type="submit" className="button">
              Add
            </button>
          </span>
        </form>
      )}
      <p className="visually-hidden" role="status">
        {said}
      </p>
      <p className="problem" role="alert">
        {quick.problem}
      </p>
    </>
  )
}
