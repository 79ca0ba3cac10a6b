import { useEffect } from 'react'
import { navigate } from './location.ts'

/** Replaces this page by another one of ours. */
export function Redirect({ to }: { readonly to: string }) {
  useEffect(() => navigate(to, 'replace'), [to])
  return null
}
