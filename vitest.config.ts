import { defineConfig } from 'vitest/config'

const common = { environment: 'node', testTimeout: 30_000, hookTimeout: 60_000 } as const

export default defineConfig({
  oxc: { target: 'es2022' },
  test: {
    projects: [
      {
        extends: true,
        test: { ...common, name: 'unit', include: ['src/**/*.test.ts', 'lint/**/*.test.ts'], maxWorkers: 2 },
      },
      { extends: true, test: { ...common, name: 'system', include: ['test/**/*.test.ts'], maxWorkers: 3 } },
      { extends: true, test: { ...common, name: 'faults', include: ['test/faults/matrix.ts'] } },
    ],
  },
})
