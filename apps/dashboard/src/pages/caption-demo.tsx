import { lazy, Suspense, useState } from 'react'

/** Fetched once the page stands: nobody waits for a picture to log in. */
const CaptionDemoScreen = lazy(async () => {
  const { CaptionDemoScreen } = await import('./caption-demo-screen.tsx')
  return { default: CaptionDemoScreen }
})

/** What viewers see while somebody speaks. */
export function CaptionDemo() {
  const [isPaused, setIsPaused] = useState(false)
  return (
    <figure className="caption-demo">
      <div className="caption-demo-screen">
        <Suspense>
          <CaptionDemoScreen isPaused={isPaused} />
        </Suspense>
      </div>
      <figcaption>
        <span>What viewers see: words appear while you speak, and stay once they are certain.</span>
        <button type="button" className="button quiet" onClick={() => setIsPaused(!isPaused)}>
          {isPaused ? 'Play' : 'Pause'}
        </button>
      </figcaption>
    </figure>
  )
}
