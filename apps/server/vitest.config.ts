import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    name: 'server',
    include: ['src/**/*.test.ts', 'deploy/**/*.test.ts'],
    globalSetup: ['src/testing/global-setup.ts'],
    // A busy machine starts PostgreSQL and child processes slowly.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 30_000 } },
  },
})
