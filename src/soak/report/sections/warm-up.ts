import type { RunRecord } from '../../run-record.ts'
import { shortestWarmUp } from '../../verdict/rises.ts'
import type { Block, Cell } from '../document.ts'
import { factsOf, judgedFrom, type ResourceFacts } from '../facts.ts'
import { whole } from '../figures.ts'

/** Where judging begins, and why there. */
export function warmUpBlocks({ targets }: RunRecord): readonly Block[] {
  const isCompared = targets.length > 1
  const rows = targets.flatMap((target) =>
    factsOf(target).flatMap((facts): readonly (readonly Cell[])[] => {
      const { evidence } = facts.verdict
      const from = judgedFrom(facts)
      if (!evidence || from === undefined) return []
      const operations = target.cycles[from]?.operations ?? 0
      return [
        [
          facts.name,
          ...(isCompared ? [target.name] : []),
          `${evidence.warmUp} of ${evidence.readings}`,
          whole(operations),
          whole(evidence.exposure),
          reasonOf(facts),
        ],
      ]
    }),
  )
  if (rows.length === 0) return []
  return [
    { kind: 'heading', text: 'Warm-up' },
    {
      kind: 'table',
      caption: 'What is not judged, and why',
      head: [
        { text: 'Resource' },
        ...(isCompared ? [{ text: 'Program' }] : []),
        { text: 'Cycles cut', isNumber: true },
        { text: 'Operations cut', isNumber: true },
        { text: 'Operations judged', isNumber: true },
        { text: 'Why there' },
      ],
      rows,
    },
  ]
}

function reasonOf({ verdict }: ResourceFacts): string {
  const { evidence } = verdict
  if (evidence?.rule !== 'rises') return 'a fifth of the run, and on for as long as the growth flattens'
  return evidence.warmUp <= shortestWarmUp
    ? `the first ${shortestWarmUp} never count, and rises after them do not bunch early`
    : `until there rises bunch early (Laplace's test)`
}
