import type { Exposure, RunRecord } from '../../run-record.ts'
import type { Block, Cell } from '../document.ts'
import { figure, whole } from '../figures.ts'

const measures: readonly { readonly text: string; readonly of: (exposure: Exposure) => number | undefined }[] = [
  { text: 'Operations (a stream opened and closed)', of: ({ operations }) => operations },
  { text: 'Streams opened, by the engine', of: ({ streamsOpened }) => streamsOpened },
  { text: 'Streams closed, by the engine', of: ({ streamsClosed }) => streamsClosed },
  { text: 'Lines written', of: ({ linesWritten }) => linesWritten },
  { text: 'Lines delivered', of: ({ linesDelivered }) => linesDelivered },
  { text: 'Lines lost', of: ({ linesLost }) => linesLost },
  { text: 'Lines delivered twice', of: ({ linesDoubled }) => linesDoubled },
  { text: 'Requests', of: ({ requests }) => requests },
  { text: 'Connections used again', of: ({ connectionsReused }) => connectionsReused },
]

/** That the work was done: a path that never ran does not leak either. */
export function exposureBlocks({ targets, workload }: RunRecord): readonly Block[] {
  const done = Object.entries(workload.done).map(([kind, times]) => `${kind} ${whole(times)}`)
  return [
    { kind: 'heading', text: 'Proof of exposure' },
    {
      kind: 'table',
      caption: 'What each program was exposed to',
      head: [{ text: 'Measure' }, ...targets.map(({ name }) => ({ text: name, isNumber: true }))],
      rows: measures.map(({ text, of }) => [
        text,
        ...targets.map(({ exposure }) => {
          const value = of(exposure)
          return value === undefined ? 'not told' : whole(value)
        }),
      ]),
    },
    {
      kind: 'paragraph',
      text: `${whole(workload.containers)} containers, ${whole(workload.operationsPerCycle)} operations a cycle.${done.length > 0 ? ` Done besides: ${done.join(', ')}.` : ''}`,
    },
  ]
}

/** Conditions without which nothing is judged. */
export function gateBlocks({ targets }: RunRecord): readonly Block[] {
  const isCompared = targets.length > 1
  const rows = targets.flatMap(({ name, gates }) =>
    gates.map((gate): readonly Cell[] => [
      gate.name,
      ...(isCompared ? [name] : []),
      gate.isMet ? { text: 'MET', tone: 'good' } : { text: 'NOT MET', tone: 'bad' },
      gate.detail,
    ]),
  )
  return [
    { kind: 'heading', text: 'Gates' },
    {
      kind: 'table',
      caption: 'Conditions without which nothing is judged',
      head: [{ text: 'Gate' }, ...(isCompared ? [{ text: 'Program' }] : []), { text: 'Result' }, { text: 'Seen' }],
      rows,
    },
  ]
}

function costText(seconds: number | undefined): string {
  return seconds === undefined ? '' : `Looking took ${figure(seconds)} s of processor time: `
}

/** What looking costs, and how to do it all again. */
export function runBlocks(run: RunRecord): readonly Block[] {
  const { observer, host, engine } = run
  return [
    { kind: 'heading', text: 'The observer, and how to repeat this run' },
    {
      kind: 'paragraph',
      text:
        `${costText(observer.lookingSeconds)}${whole(observer.samples)} readings in ${figure(run.seconds)} s, and ${whole(observer.collections)} heap collections that they asked for. ` +
        `The lab as a whole, its load and simulated engine included, took ${figure(observer.cpuSeconds)} s of processor time.`,
    },
    { kind: 'code', text: run.command },
    {
      kind: 'paragraph',
      text:
        `log-capturer ${run.version}, Node.js ${run.node}, ${engine.kind} engine ${engine.version}, seed ${run.seed}; kernel ${host.kernel}, ` +
        `${whole(host.processors)} processors, ${(host.memoryBytes / 2 ** 30).toFixed(1)} GiB; begun ${run.startedAt}. ` +
        'How often the rules err on series of which the truth is known: docs/decisions/013, and docs/soak.md, measured by npm run soak:calibrate.',
    },
  ]
}
