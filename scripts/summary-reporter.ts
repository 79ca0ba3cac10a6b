import type { Reporter, TestModule } from 'vitest/node'

/**
 * Names every skipped test (its title holds the reason) and every one that passed at its second try only,
 * and closes with one line of counts.
 */
export function summaryReporter(): Reporter {
  return {
    onTestRunEnd(modules: readonly TestModule[], unhandledErrors) {
      const counts = { passed: 0, failed: 0, skipped: 0 }
      for (const module of modules) {
        if (module.state() === 'failed' && module.errors().length > 0) counts.failed += 1
        for (const test of module.children.allTests()) {
          const { state } = test.result()
          if (test.diagnostic()?.flaky)
            console.log(`flaky, passed at its second try: ${test.fullName}`)
          if (state === 'passed') counts.passed += 1
          else if (state === 'failed') counts.failed += 1
          else {
            counts.skipped += 1
            console.log(`skipped: ${test.fullName}`)
          }
        }
      }
      counts.failed += unhandledErrors.length
      console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
    },
  }
}
