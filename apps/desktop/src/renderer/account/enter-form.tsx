import type { FormEvent } from 'react'
import { useId, useState } from 'react'
import { useClient, useDesktopState, useSettings } from '../api/hooks.ts'
import { useAction } from '../api/use-action.ts'

interface Entry {
  readonly serverUrl: string
  readonly email: string
  readonly password: string
}

/** Logs in or registers. The password leaves the field as it is sent. */
export function EnterForm() {
  const id = useId()
  const client = useClient()
  const { account } = useDesktopState()
  const { serverUrl } = useSettings().transcription
  const [isNew, setNew] = useState(false)
  const enter = useAction(async (entry: Entry) =>
    isNew ? client.account.register.mutate(entry) : client.account.login.mutate(entry),
  )
  const isPending = enter.isPending || account.status === 'checking'

  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault()
    const fields = event.currentTarget.elements
    const read = (name: string): string => {
      const field = fields.namedItem(name)
      return field instanceof HTMLInputElement ? field.value : ''
    }
    const entry = {
      serverUrl: read('serverUrl').trim(),
      email: read('email').trim(),
      password: read('password'),
    }
    const missing = [...event.currentTarget.querySelectorAll('input')].find(({ value }) => !value)
    if (isPending) return
    if (missing) {
      missing.focus()
      return
    }
    const password = fields.namedItem('password')
    if (password instanceof HTMLInputElement) password.value = ''
    void enter.run(entry)
  }

  const problem = enter.problem ?? (account.status === 'none' ? undefined : account.sentence)
  return (
    <form
      className="form"
      aria-label={isNew ? 'Register' : 'Log in'}
      noValidate
      autoComplete="off"
      onSubmit={submit}
    >
      <div className="field">
        <label htmlFor={`${id}-server`}>Server URL</label>
        <input
          id={`${id}-server`}
          name="serverUrl"
          type="url"
          className="input"
          spellCheck={false}
          placeholder="https://captions.example.org"
          defaultValue={serverUrl || account.serverUrl}
          required
        />
      </div>
      <div className="field">
        <label htmlFor={`${id}-email`}>Email</label>
        <input
          id={`${id}-email`}
          name="email"
          type="email"
          className="input"
          autoComplete="off"
          spellCheck={false}
          defaultValue={account.email}
          required
        />
      </div>
      <div className="field">
        <label htmlFor={`${id}-password`}>Password</label>
        <input
          id={`${id}-password`}
          name="password"
          type="password"
          className="input"
          autoComplete="off"
          required
        />
      </div>
      <p className="problem" role="alert">
        {problem}
      </p>
      <div className="buttons">
        <button type="submit" className="button primary" aria-disabled={isPending}>
          {isPending ? 'One moment …' : isNew ? 'Register' : 'Log in'}
        </button>
        <button type="button" className="link-button" onClick={() => setNew(!isNew)}>
          {isNew ? 'I have an account' : 'Register a new account'}
        </button>
      </div>
    </form>
  )
}
