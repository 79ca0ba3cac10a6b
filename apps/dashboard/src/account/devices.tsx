import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'
import { toShownError } from '../api/api-error.ts'
import type { Outputs } from '../api/trpc.ts'
import { useTRPC } from '../api/trpc.ts'
import { leaveForLogin } from '../session/session-ended.ts'
import { LoadFailure } from '../ui/load-failure.tsx'
import { Panel } from '../ui/panel.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { DeviceRow } from './device-row.tsx'
import { SignOutAll } from './sign-out-all.tsx'

type Device = Outputs['account']['devices']['devices'][number]

/** Where the account is logged in, and how to end that. */
export function Devices() {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const devices = useQuery(trpc.account.devices.queryOptions())
  const list = useRef<HTMLUListElement>(null)
  const signOut = useMutation(
    trpc.account.signOut.mutationOptions({
      onSuccess: async () =>
        queryClient.invalidateQueries({ queryKey: trpc.account.devices.pathKey() }),
    }),
  )

  function endLogin(id: string): void {
    // The button that was pressed is gone with its row.
    signOut.mutate({ id }, { onSuccess: () => list.current?.focus() })
  }

  return (
    <Panel title="Where you are logged in">
      {devices.isPending && <Skeleton label="Loading your devices" lines={4} />}
      {devices.isError && (
        <LoadFailure what="your devices" error={devices.error} retry={devices.refetch} />
      )}
      {devices.data && (
        <>
          <ul ref={list} tabIndex={-1} className="devices rows" aria-label="Logins">
            {devices.data.devices.toSorted(thisOneFirst).map((device) => (
              <DeviceRow
                key={device.id}
                device={device}
                isBusy={signOut.isPending && signOut.variables.id === device.id}
                signOut={() => endLogin(device.id)}
              />
            ))}
          </ul>
          <p className="form-failure" role="alert">
            {signOut.error ? toShownError(signOut.error).message : ''}
          </p>
          <SignOutAll onDone={leaveForLogin} />
        </>
      )}
    </Panel>
  )
}

/** The rest stays as it comes: the newest login first. */
const thisOneFirst = (a: Device, b: Device): number => Number(b.is_current) - Number(a.is_current)
