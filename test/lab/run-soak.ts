import { readRun } from '../../src/soak/read-run.ts'
import type { RunRecord, TargetRecord } from '../../src/soak/run-record.ts'
import { RunningCommand } from '../helpers/command.ts'
import { until } from '../helpers/until.ts'

export const runWithinMs = 400_000

export interface Result {
  readonly status: number | null
  readonly record: RunRecord
  readonly underTest: TargetRecord
  readonly unmet: readonly string[]
}

/** Runs the lab to its end. The seed is in the record's command, which a failure shows. */
export async function soak(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Result> {
  await using run = new RunningCommand(['soak', ...words, '--json'], { env }).readOutput()
  await until('the lab has ended', () => run.hasEnded, { withinMs: runWithinMs, seen: () => run.stderr })
  const status = await run.status()
  if (!run.stdout.startsWith('{')) throw new Error(`the lab gives no record: ${run.stdout}${run.stderr}`)
  const record = readRun('the record', run.stdout)
  const underTest = record.targets[0]!
  return { status, record, underTest, unmet: underTest.gates.filter(({ isMet }) => !isMet).map(({ name }) => name) }
}

export const outcomes = ({ verdict }: TargetRecord) =>
  Object.fromEntries(verdict.resources.map(({ name, outcome }) => [name, outcome]))
export const seen = ({ record, underTest }: Result) => ({
  command: record.command,
  gates: underTest.gates,
  resources: underTest.resources.map(({ name, floors }) => `${name}: ${floors.join(' ')}`),
})
