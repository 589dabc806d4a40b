import { join } from 'node:path'
import { visibleText } from '../../lib/visible-text.ts'
import { judgementLines } from '../../soak/judgement-text.ts'
import type { RunRecord, TargetRecord } from '../../soak/run-record.ts'

const shownSurvivors = 5
const controlled = "The load was the lab's own, and it is accounted for: every condition is met."
const unaccounted = 'Conditions are not met: whatever the figures say, this is no verdict.'

/** The end of a run for people: conditions, what each resource does, and the verdict last. */
export function resultLines({ targets, endedEarly }: RunRecord, folder: string | undefined): readonly string[] {
  const parts = [
    ...(endedEarly === undefined ? [] : [[`Ended before its time: ${endedEarly}.`]]),
    // The one under test last: the end of the output is what is seen.
    ...[...targets].reverse().map(targetLines),
    ...(folder === undefined ? [] : [[`report: ${join(folder, 'report.html')}`]]),
  ]
  return parts.flatMap((lines, i) => (i === 0 ? lines : ['', ...lines]))
}

function targetLines({ name, role, gates, verdict, survivors }: TargetRecord): readonly string[] {
  const faults = gates.filter(({ isMet }) => !isMet).map(({ name: gate, detail }) => `${gate}: ${detail}`)
  return [
    `${visibleText(name)} (${role})`,
    ...gates.map((gate) => `  ${gate.isMet ? 'met    ' : 'NOT MET'} ${gate.name}: ${visibleText(gate.detail)}`),
    ...survivors
      .slice(0, shownSurvivors)
      .map(
        ({ kind, what, amount }) =>
          `  still there: ${amount} ${kind}${kind === 'heap' ? ' bytes' : ''}: ${visibleText(what)}`,
      ),
    ...judgementLines(
      faults.length === 0 ? verdict : { ...verdict, outcome: 'invalid', faults },
      faults.length === 0 ? controlled : unaccounted,
    ),
  ]
}
