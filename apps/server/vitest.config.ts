import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    name: 'server',
    include: ['src/**/*.test.ts'],
    globalSetup: ['src/testing/global-setup.ts'],
    // A busy machine starts PostgreSQL and child processes slowly.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
