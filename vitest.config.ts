import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** They start whole gateways by the dozen and live by the clock: beside anything else they would starve. */
const whole = [
  'test/scenarios/**/*.test.ts',
  'test/kill/**/*.test.ts',
  'test/crowd/**/*.test.ts',
  'test/app/watchers.test.ts',
]

export default defineConfig({
  // As Node resolves it: Vite would load a second graphql (its `module`) beside the one that yoga and graphql-ws use.
  resolve: { alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql')) }] },
  test: {
    // Of the run, not of each project: one Postgres for both.
    globalSetup: ['test/support/postgres.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxConcurrency: 40,
    // What is waited for comes or does not; how soon depends on what else the machine does.
    expect: { poll: { timeout: 30_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: whole,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'whole', include: whole, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
})
