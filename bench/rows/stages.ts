/** Parts of a line's way alone, each run in a process of its own. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { stages } from '../stages/stages.ts'
import type { Row } from './row.ts'

const run = promisify(execFile)

/** A stage is warm before it is measured: more would only take longer. */
const mostLines = 500_000

export const stageRows: readonly Row[] = stages.map(({ name, what }) => ({
  name,
  what: `alone: ${what}`,
  async measure(bench) {
    const { root, input, signal } = bench
    const program = join(root, 'bench/stages/main.ts')
    if (!existsSync(program)) throw new Error(`${root} has no stages to measure alone`)
    const words = [
      '--import',
      './scripts/typescript.mjs',
      program,
      name,
      input.path,
      String(Math.min(input.lines, mostLines)),
      bench.newFolder(),
    ]
    const { stdout } = await run(process.execPath, words, { cwd: root, signal })
    return { 'CPU s / 1M lines': Number(stdout) }
  },
}))
