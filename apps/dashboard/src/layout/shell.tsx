import type { ReactNode } from 'react'
import { useSameUser } from '../session/use-same-user.ts'
import { SiteHeader } from './site-header.tsx'

/** What is around every page. */
export function Shell({ children }: { readonly children: ReactNode }) {
  useSameUser()
  return (
    <>
      <a className="skip-link" href="#main">
        Skip to the content
      </a>
      <SiteHeader />
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <footer className="site-footer">
        <p>Saywire: live captions for streamers.</p>
        <p>
          <a href="/docs">API documentation</a>
        </p>
      </footer>
    </>
  )
}
