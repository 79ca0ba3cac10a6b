import { useEffect, useState } from 'react'
import type { DesktopClient } from './desktop.ts'
import { useClient } from './hooks.ts'

type AppInfo = Awaited<ReturnType<DesktopClient['app']['info']['query']>>

/** What this program is; undefined until the host said it. */
export function useAppInfo(): AppInfo | undefined {
  const client = useClient()
  const [info, setInfo] = useState<AppInfo>()
  useEffect(() => {
    client.app.info.query().then(setInfo, () => undefined)
  }, [client])
  return info
}
