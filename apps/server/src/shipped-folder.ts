import { fileURLToPath } from 'node:url'

const IN_CHECKOUT = {
  /** What `vite build` makes of apps/dashboard. */
  dashboard: '../../dashboard/dist',
  migrations: '../../../prisma/migrations',
} as const

/** Files that the server needs beside its code: in a checkout where they are made, else beside its bundle. */
export function shippedFolder(name: keyof typeof IN_CHECKOUT): string {
  const isCheckout = import.meta.url.endsWith('.ts')
  return fileURLToPath(new URL(isCheckout ? IN_CHECKOUT[name] : name, import.meta.url))
}
