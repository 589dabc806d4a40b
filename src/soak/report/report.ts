import type { RunRecord } from '../run-record.ts'
import { againstFigure, type Contestant } from './charts/against.ts'
import type { Figure } from './charts/figure.ts'
import { forestFigure } from './charts/forest.ts'
import { looksFigure } from './charts/looks.ts'
import { readingsFigure } from './charts/readings.ts'
import type { Block } from './document.ts'
import { targetUnderTest } from './facts.ts'
import { duration } from './figures.ts'
import { comparisonBlocks } from './sections/comparison.ts'
import { growthBlocks } from './sections/growth.ts'
import { changeBlocks, projectionBlocks } from './sections/outlook.ts'
import { exposureBlocks, gateBlocks, runBlocks } from './sections/proof.ts'
import { survivorBlocks } from './sections/survivors.ts'
import { verdictBlock } from './sections/verdict.ts'
import { warmUpBlocks } from './sections/warm-up.ts'

export interface Report {
  readonly title: string
  /** What was run, in a line. */
  readonly subtitle: string
  readonly blocks: readonly Block[]
}

/** Everything that is told of a run, in its order: the verdict, what it rests on, and how to see it again. `baseline` is an earlier run to stand beside it. */
export function reportOf(run: RunRecord, baseline?: RunRecord): Report {
  const target = targetUnderTest(run.targets)
  const references = run.targets.filter((one) => one !== target)
  const early = run.endedEarly === undefined ? '' : `, ended early (${run.endedEarly})`
  return {
    title: `Soak report: ${target.name}`,
    subtitle: `log-capturer ${run.version}, ${duration(run.seconds)} on a ${run.engine.kind} engine${early}, ${run.startedAt}`,
    blocks: [
      verdictBlock(run),
      ...growthBlocks(run),
      ...figures(forestFigure(run)),
      ...changeBlocks(run),
      ...projectionBlocks(run),
      ...figures(readingsFigure(target, 'readings')),
      ...comparisonBlocks(run, baseline),
      ...figures(againstFigure(contestants(run, baseline))),
      ...figures(...references.map((reference, i) => readingsFigure(reference, `readings-${i + 2}`))),
      ...survivorBlocks(run),
      ...exposureBlocks(run),
      ...gateBlocks(run),
      ...warmUpBlocks(run),
      ...figures(looksFigure(target)),
      ...runBlocks(run),
    ],
  }
}

/** The figures of a report, in its order. */
export function figuresOf({ blocks }: Report): readonly Figure[] {
  return blocks.flatMap((block) => (block.kind === 'figure' ? [block.figure] : []))
}

function figures(...all: readonly (Figure | undefined)[]): readonly Block[] {
  return all.flatMap((figure) => (figure && figure.panels.length > 0 ? [{ kind: 'figure', figure } as const] : []))
}

function contestants({ targets }: RunRecord, baseline: RunRecord | undefined): readonly Contestant[] {
  const now = targets.map((target) => ({ name: target.name, target }))
  return baseline ? [...now, { name: `baseline, ${baseline.version}`, target: targetUnderTest(baseline.targets) }] : now
}
