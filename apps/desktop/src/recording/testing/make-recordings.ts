import { rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { recordStory } from './record-story.ts'
import { STORIES } from './recorded-stories.ts'

// Records the scripted stories of the folder `recordings` anew.
for (const [name, story] of Object.entries(STORIES)) {
  const url = new URL(`../recordings/${name}.saywire-session`, import.meta.url)
  const path = fileURLToPath(url)
  await rm(path, { force: true })
  await recordStory(story, path, { startedAt: new Date(0) })
  process.stdout.write(`${path}\n`)
}
