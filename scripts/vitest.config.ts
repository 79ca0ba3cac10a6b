import { defineConfig } from 'vitest/config'
import { summaryReporter } from './summary-reporter.ts'

export default defineConfig({
  test: {
    projects: ['apps/*', 'apps/desktop/e2e', 'packages/*'],
    // Native models, databases and browsers share the machine: few files at a time.
    maxWorkers: 2,
    reporters: ['default', summaryReporter()],
  },
})
