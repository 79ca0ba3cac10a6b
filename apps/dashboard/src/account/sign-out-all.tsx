import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { toShownError } from '../api/api-error.ts'
import { useTRPC } from '../api/trpc.ts'

/** Ends every login, this one included; asks first, in place. */
export function SignOutAll({ onDone }: { readonly onDone: () => void }) {
  const trpc = useTRPC()
  const [step, setStep] = useState<'idle' | 'asking' | 'kept'>('idle')
  const signOutAll = useMutation(trpc.account.signOutAll.mutationOptions({ onSuccess: onDone }))
  if (step !== 'asking') {
    return (
      <button
        type="button"
        className="button"
        ref={step === 'kept' ? focusOnce : undefined}
        onClick={() => setStep('asking')}
      >
        Sign out everywhere
      </button>
    )
  }
  return (
    <div className="confirm" role="group" aria-label="Sign out everywhere">
      <p>
        This ends every login, in browsers and in the app. You will have to log in again here, too.
      </p>
      <div className="buttons">
        <button
          type="button"
          className="button danger"
          // The button that was pressed is gone; its place is here.
          ref={focusOnce}
          aria-disabled={signOutAll.isPending}
          onClick={() => !signOutAll.isPending && signOutAll.mutate()}
        >
          Yes, sign out everywhere
        </button>
        <button type="button" className="button" onClick={() => setStep('kept')}>
          Keep me logged in
        </button>
      </div>
      <p className="form-failure" role="alert">
        {signOutAll.error ? toShownError(signOutAll.error).message : ''}
      </p>
    </div>
  )
}

function focusOnce(button: HTMLButtonElement | null): void {
  button?.focus()
}
