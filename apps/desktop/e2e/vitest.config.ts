import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    name: 'desktop-e2e',
    include: ['**/*.test.ts'],
    globalSetup: ['testing/prepare.ts'],
    env: { LC_ALL: 'en_US.UTF-8', TZ: 'UTC' },
    // A busy machine starts apps slowly.
    testTimeout: 400_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 30_000 } },
  },
})
