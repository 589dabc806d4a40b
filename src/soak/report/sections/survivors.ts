import type { RunRecord } from '../../run-record.ts'
import type { Block } from '../document.ts'
import { amount } from '../figures.ts'

const shown = 20

/** What was opened after the warm-up and stayed: it names the culprit, and decides nothing. */
export function survivorBlocks({ targets }: RunRecord): readonly Block[] {
  const isCompared = targets.length > 1
  const all = targets.flatMap(({ name, survivors }) => survivors.map((survivor) => ({ name, survivor })))
  const heading = { kind: 'heading', text: 'What stayed' } as const
  if (all.length === 0)
    return [
      heading,
      { kind: 'paragraph', text: 'Nothing that was opened after the warm-up was still there two rests later.' },
    ]
  const rest = all.length - shown
  return [
    heading,
    {
      kind: 'table',
      caption: 'Opened after the warm-up, and still there two rests later',
      head: [
        { text: 'What' },
        ...(isCompared ? [{ text: 'Program' }] : []),
        { text: 'Kind' },
        { text: 'Held', isNumber: true },
      ],
      rows: all
        .slice(0, shown)
        .map(({ name, survivor: { kind, what, amount: held } }) => [
          what,
          ...(isCompared ? [name] : []),
          kind,
          amount(held, kind === 'heap' ? 'bytes' : 'items'),
        ]),
    },
    {
      kind: 'paragraph',
      text: `Opened after the warm-up, and still there two rests later. It names what may have leaked; it does not decide.${rest > 0 ? ` ${rest} more are in run.json.` : ''}`,
    },
  ]
}
