import { PageHeading } from '../layout/page-heading.tsx'
import { Link } from '../routing/link.tsx'
import { LoginForm } from '../session/login-form.tsx'
import { useSession } from '../session/use-session.ts'
import { Panel } from '../ui/panel.tsx'
import { CaptionDemo } from './caption-demo.tsx'

/** What Saywire is, and the way in. */
export function LandingPage() {
  const { data: session } = useSession()
  return (
    <div className="landing">
      <div>
        <PageHeading title="Saywire" className="caption-lines">
          <span className="caption-line">What you say on stream,</span>
          <br />
          <span className="caption-line">on screen as you say it.</span>
        </PageHeading>
        <CaptionDemo />
        <div className="landing-facts">
          <p>
            Saywire puts live captions on your stream. The desktop app listens to your microphone
            and shows your words in OBS a moment later, so people who cannot hear you, or are
            watching without sound, can follow.
          </p>
          <p>
            Captions made on your own computer cost nothing. Captions made by this server use
            prepaid credit, counted to the millisecond of audio that the app sends, pauses included.
            There is no subscription.
          </p>
        </div>
      </div>
      {session ? (
        <Panel title="Welcome back">
          <p>You are logged in as {session.user.email}.</p>
          <Link to="/dashboard" className="button primary">
            Open your dashboard
          </Link>
        </Panel>
      ) : (
        <Panel title="Log in">
          <LoginForm />
          <p className="form-aside">
            New here? <Link to="/register">Create an account</Link>
          </p>
        </Panel>
      )}
    </div>
  )
}
