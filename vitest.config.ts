import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/helpers/longest-first.ts'

const common = {
  environment: 'node',
  testTimeout: 60_000,
  hookTimeout: 60_000,
  globalSetup: 'scripts/build-wasm.mjs',
} as const

/** Unit tests keep no state in their process, and share one for each core: a process for each file would take longer than most tests. */
const unit = { name: 'unit', isolate: false, maxWorkers: 2 } as const
/** These wait for engines and programs, and count their own descriptors: a process for each file, and more of them than cores. */
const system = { name: 'system', maxWorkers: 3 } as const

export default defineConfig({
  oxc: { target: 'es2022' },
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: { ...common, ...unit, include: ['src/**/*.test.ts', 'ui/**/*.test.ts', 'lint/**/*.test.ts'] },
      },
      { extends: true, test: { ...common, ...system, include: ['test/**/*.test.ts'] } },
      { extends: true, test: { ...common, name: 'faults', include: ['test/faults/matrix.ts'] } },
    ],
  },
})
