import type { ComponentType } from 'react'
import { AccountPage } from '../pages/account-page.tsx'
import { CheckoutCancelPage } from '../pages/checkout-cancel-page.tsx'
import { CheckoutSuccessPage } from '../pages/checkout-success-page.tsx'
import { DashboardPage } from '../pages/dashboard-page.tsx'
import { LandingPage } from '../pages/landing-page.tsx'
import { LoginPage } from '../pages/login-page.tsx'
import { NotFoundPage } from '../pages/not-found-page.tsx'
import { RegisterPage } from '../pages/register-page.tsx'
import { RequireLogin } from '../session/require-login.tsx'
import { usePath } from './location.ts'

const PUBLIC_PAGES: Readonly<Record<string, ComponentType>> = {
  '/': LandingPage,
  '/login': LoginPage,
  '/register': RegisterPage,
}

/** Without a login they lead to the login page, and back. */
const PRIVATE_PAGES: Readonly<Record<string, ComponentType>> = {
  '/dashboard': DashboardPage,
  '/account': AccountPage,
  '/billing/success': CheckoutSuccessPage,
  '/billing/cancel': CheckoutCancelPage,
}

/** The page of the current address. */
export function Routes() {
  const path = usePath().replace(/(.)\/$/, '$1')
  const PublicPage = PUBLIC_PAGES[path]
  if (PublicPage) return <PublicPage />
  const PrivatePage = PRIVATE_PAGES[path]
  if (!PrivatePage) return <NotFoundPage />
  return (
    <RequireLogin>
      <PrivatePage />
    </RequireLogin>
  )
}
