import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    name: 'dashboard',
    include: ['src/**/*.test.ts', 'e2e/**/*.test.ts'],
    // The texts that tests expect do not depend on who runs them.
    env: { LC_ALL: 'en_US.UTF-8', TZ: 'UTC' },
    // A busy machine starts servers and browsers slowly.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
  },
})
