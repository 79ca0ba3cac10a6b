import { defineConfig } from 'vitest/config'

export default defineConfig({
  // A session that a test leaves running may take 15 s to say its last words.
  test: {
    name: 'desktop',
    hookTimeout: 60_000,
    // Against what hangs: on a busy machine a test takes ten times as long as alone.
    testTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    include: ['src/**/*.test.ts', 'bench/**/*.test.ts'],
  },
})
