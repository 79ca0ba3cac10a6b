import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { toShownError } from '../api/api-error.ts'
import { useTRPC } from '../api/trpc.ts'
import { leaveForLogin } from '../session/session-ended.ts'
import { LoadFailure } from '../ui/load-failure.tsx'
import { Panel } from '../ui/panel.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { DeviceRow } from './device-row.tsx'
import { SignOutAll } from './sign-out-all.tsx'

/** Where the account is logged in, and how to end that. */
export function Devices() {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const devices = useQuery(trpc.account.devices.queryOptions())
  const signOut = useMutation(
    trpc.account.signOut.mutationOptions({
      onSuccess: async () =>
        queryClient.invalidateQueries({ queryKey: trpc.account.devices.pathKey() }),
    }),
  )
  return (
    <Panel title="Where you are logged in">
      {devices.isPending && <Skeleton label="Loading your devices" lines={4} />}
      {devices.isError && (
        <LoadFailure what="your devices" error={devices.error} retry={devices.refetch} />
      )}
      {devices.data && (
        <>
          <ul className="devices">
            {devices.data.devices.map((device) => (
              <DeviceRow
                key={device.id}
                device={device}
                isBusy={signOut.isPending && signOut.variables.id === device.id}
                signOut={() => signOut.mutate({ id: device.id })}
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
