import type { RecoveringRun } from '../../core/testing/recovering-session.ts'
import { settle, startRecovering } from '../../core/testing/recovering-session.ts'
import { startRecordedSession } from '../recorded-session.ts'
import type { SessionRecording } from '../recorded-session.ts'
import type { Story } from './recorded-stories.ts'

/** Records a story of a scripted session to its end. */
export async function recordStory(
  story: Story,
  path: string,
  recording: Partial<SessionRecording> & { readonly isRemote?: boolean } = {},
) {
  const { isRemote = false, ...given } = recording
  const cuts: string[] = []
  const run = await startRecovering({
    start: (deps) =>
      startRecordedSession(
        { ...deps, engine: { ...deps.engine, isRemote } },
        {
          path,
          withAudio: false,
          app: 'scripted',
          onCut: (reason) => cuts.push(reason),
          ...given,
        },
      ),
  })
  await story(run)
  const outcome = await finished(run)
  return { path, run, outcome, cuts }
}

/** Last words may have to wait for the clock. */
async function finished(run: RecoveringRun): ReturnType<RecoveringRun['finish']> {
  let isOver = false
  const outcome = run.finish().finally(() => (isOver = true))
  while (!isOver) {
    await settle()
    run.clock.advance(100)
  }
  return outcome
}
