import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    name: 'speech',
    include: ['src/**/*.test.ts'],
    // Against what hangs: on a busy machine a test takes ten times as long as alone.
    testTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
  },
})
