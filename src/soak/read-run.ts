import { LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { messageOf } from '../lib/error.ts'
import { RunError } from './run-error.ts'
import type { RunRecord } from './run-record.ts'

/** JSON leaves out what is undefined: the key may be absent, and is there afterwards. */
const maybe = <Type extends z.ZodType>(type: Type) => type.optional().transform((value) => value)

/** JSON has no infinity, and writes null. */
const orInfinite = z
  .number()
  .nullable()
  .transform((value) => value ?? Infinity)

const count = z.int().min(0)
const seconds = z.number().min(0)
const level = z.number().gt(0).lt(1)
const kind = z.enum(['count', 'size'])
const outcome = z.enum(['clean', 'leak', 'not_enough_evidence', 'invalid'])

const rises = z.object({
  rule: z.literal('rises'),
  readings: count,
  warmUp: count,
  exposure: z.number(),
  rises: count,
  risen: z.number(),
  largestRise: z.number(),
  risesNeeded: count,
  dispersion: z.number(),
  detectableRate: orInfinite,
  fallen: z.number(),
  drift: z.number(),
})

const trend = z.object({
  rule: z.literal('trend'),
  readings: count,
  warmUp: count,
  exposure: z.number(),
  effectiveReadings: z.number(),
  effectiveReadingsNeeded: z.number(),
  largestStep: z.number(),
  rateWithoutStep: z.number(),
  detectableRate: maybe(z.number()),
})

const verdict = z.object({
  outcome,
  unit: z.literal('operation'),
  readings: count,
  alpha: level,
  level,
  faults: z.array(z.string()),
  resources: z.array(
    z.object({
      name: z.string(),
      kind,
      outcome,
      criterion: maybe(z.object({ below: z.number(), result: z.enum(['met', 'missed', 'not_judged']) })),
      growth: maybe(z.object({ rate: z.number(), low: z.number(), high: z.number(), level })),
      evidence: maybe(z.discriminatedUnion('rule', [rises, trend])),
      moreNeeded: maybe(z.number()),
      reason: maybe(z.string()),
    }),
  ),
  notJudged: z.array(z.string()),
})

const exposure = z.object({
  operations: count,
  streamsOpened: maybe(count),
  streamsClosed: maybe(count),
  linesWritten: count,
  linesDelivered: maybe(count),
  linesLost: maybe(count),
  linesDoubled: maybe(count),
  requests: maybe(count),
  connectionsReused: maybe(count),
})

const look = z.object({
  cycles: count,
  level,
  resources: z.array(
    z.object({
      name: z.string(),
      low: maybe(z.number()),
      rate: maybe(z.number()),
      high: maybe(z.number()),
      outcome,
    }),
  ),
})

const target = z
  .object({
    name: z.string(),
    role: z.enum(['under test', 'reference']),
    pid: count,
    exposure,
    gates: z.array(z.object({ name: z.string(), isMet: z.boolean(), detail: z.string() })),
    cycles: z.array(z.object({ atSeconds: seconds, operations: count, drainSeconds: seconds, isAtRest: z.boolean() })),
    resources: z.array(
      z.object({
        name: z.string(),
        kind,
        unit: z.enum(['items', 'bytes', 'seconds']),
        floors: z.array(z.number().nullable()),
        raw: z.array(z.object({ atSeconds: seconds, value: z.number() })),
        limit: maybe(z.number()),
        isInformative: z.boolean(),
      }),
    ),
    verdict,
    looks: z.array(look),
    survivors: z.array(z.object({ kind: z.string(), what: z.string(), amount: z.number() })),
  })
  .check(({ value, issues }) => {
    for (const [index, { name, floors }] of value.resources.entries())
      if (floors.length !== value.cycles.length)
        issues.push({
          code: 'custom',
          input: value,
          path: ['resources', index, 'floors'],
          message: `"${name}" has ${floors.length} readings for ${value.cycles.length} cycles`,
        })
  })

const schema = z.object({
  format: z.literal(1),
  command: z.string(),
  version: z.string(),
  node: z.string(),
  host: z.object({ kernel: z.string(), processors: count, memoryBytes: count }),
  seed: z.number(),
  startedAt: z.string(),
  seconds,
  endedEarly: maybe(z.string()),
  engine: z.object({ kind: z.enum(['simulated', 'real']), version: z.string() }),
  workload: z.object({ containers: count, operationsPerCycle: count, done: z.record(z.string(), count) }),
  targets: z
    .array(target)
    .min(1)
    .refine(([first]) => first?.role === 'under test', 'the first target is the one under test'),
  observer: z.object({ cpuSeconds: seconds, lookingSeconds: maybe(seconds), samples: count, collections: count }),
})

/**
 * Reads what a run left behind as `run.json`; `name` is the file's in messages. Fails with a `RunError` that says line and column.
 */
export function readRun(name: string, text: string): RunRecord {
  const value = parseJson(name, text)
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw RunError.of(placesIn(name, text, result.error.issues))
}

function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const places = placesIn(name, text, [])
    throw RunError.of(places.length > 0 ? places : [`${name}: this is no JSON: ${messageOf(error)}`])
  }
}

/** Read as YAML, of which JSON is a part: slow, and it tells where each value stands. Looked at only where something is wrong. */
function placesIn(name: string, text: string, issues: readonly z.core.$ZodIssue[]): readonly string[] {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const placeOf = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return `${name}:${Math.max(1, line)}:${Math.max(1, col)}`
  }
  if (document.errors.length > 0)
    return document.errors.map(({ pos, message }) => `${placeOf(pos[0])}: this is no JSON: ${message}`)
  return issues.map(({ path, message }) => {
    const node = nearestNode(document, path)
    return `${placeOf(node?.range?.[0] ?? 0)}: ${[path.join('.'), message].filter((part) => part !== '').join(': ')}`
  })
}

/** Where a key is missing, the place of what should have it. */
function nearestNode(document: { getIn: (path: PropertyKey[], keepScalar: true) => unknown }, path: PropertyKey[]) {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as { range?: readonly number[] } | undefined
    if (node?.range) return node
  }
  return undefined
}
