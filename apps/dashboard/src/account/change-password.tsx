import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTRPC } from '../api/trpc.ts'
import { checkNewPassword, checkPassword, PASSWORD_HINT } from '../session/credentials.ts'
import { Field } from '../ui/field.tsx'
import { Form } from '../ui/form.tsx'
import { Panel } from '../ui/panel.tsx'

/** A new password; it ends every other login. */
export function ChangePassword() {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  // A key of its own per success empties the fields.
  const [changes, setChanges] = useState(0)
  const change = useMutation(
    trpc.account.changePassword.mutationOptions({
      async onSuccess() {
        setChanges((count) => count + 1)
        await queryClient.invalidateQueries({ queryKey: trpc.account.devices.pathKey() })
      },
    }),
  )
  return (
    <Panel title="Change password">
      <Form
        key={changes}
        label="Change password"
        submitLabel="Change password"
        isPending={change.isPending}
        error={change.error}
        check={(values) => [
          ...checkPassword('current_password', values['current_password'] ?? ''),
          ...checkNewPassword('new_password', values['new_password'] ?? ''),
        ]}
        onSubmit={({ current_password = '', new_password = '' }) =>
          change.mutate({ current_password, new_password })
        }
      >
        <Field
          name="current_password"
          label="Current password"
          type="password"
          autoComplete="current-password"
        />
        <Field
          name="new_password"
          label="New password"
          type="password"
          autoComplete="new-password"
          hint={PASSWORD_HINT}
        />
      </Form>
      <p role="status" className="form-success">
        {change.isSuccess ? 'Password changed. Every other device has to log in again.' : ''}
      </p>
    </Panel>
  )
}
