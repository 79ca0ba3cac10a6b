import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    name: 'dashboard',
    include: ['src/**/*.test.ts', 'e2e/**/*.test.ts'],
    // A busy machine starts servers and browsers slowly.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
