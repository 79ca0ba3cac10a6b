import { useMutation } from '@tanstack/react-query'
import { useTRPC } from '../api/trpc.ts'
import { Field } from '../ui/field.tsx'
import { Form } from '../ui/form.tsx'
import { checkEmail, checkNewPassword, PASSWORD_HINT } from './credentials.ts'
import { useEnter } from './use-enter.ts'

/** Creates an account and logs in to it. */
export function RegisterForm() {
  const trpc = useTRPC()
  const enter = useEnter()
  const register = useMutation(trpc.web.register.mutationOptions({ onSuccess: enter }))
  return (
    <Form
      label="Create an account"
      submitLabel="Create account"
      isPending={register.isPending}
      error={register.error}
      check={({ email = '', password = '' }) => [
        ...checkEmail('email', email),
        ...checkNewPassword('password', password),
      ]}
      onSubmit={({ email = '', password = '' }) => register.mutate({ email, password })}
    >
      <Field name="email" label="Email" type="email" autoComplete="username" />
      <Field
        name="password"
        label="Password"
        type="password"
        autoComplete="new-password"
        hint={PASSWORD_HINT}
      />
    </Form>
  )
}
