import { useMutation } from '@tanstack/react-query'
import { useTRPC } from '../api/trpc.ts'
import { Field } from '../ui/field.tsx'
import { Form } from '../ui/form.tsx'
import { checkEmail, checkPassword } from './credentials.ts'
import { useEnter } from './use-enter.ts'

/** Logs in, then goes to `?next=` or the dashboard. */
export function LoginForm() {
  const trpc = useTRPC()
  const enter = useEnter()
  const login = useMutation(trpc.web.login.mutationOptions({ onSuccess: enter }))
  return (
    <Form
      label="Log in"
      submitLabel="Log in"
      isPending={login.isPending}
      error={login.error}
      check={({ email = '', password = '' }) => [
        ...checkEmail('email', email),
        ...checkPassword('password', password),
      ]}
      onSubmit={({ email = '', password = '' }) => login.mutate({ email, password })}
    >
      <Field name="email" label="Email" type="email" autoComplete="username" />
      <Field name="password" label="Password" type="password" autoComplete="current-password" />
    </Form>
  )
}
