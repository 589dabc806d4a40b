import { LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { parseDuration } from '../lib/units.ts'
import { SeriesError } from './series-error.ts'
import type { AxisUnit, Criteria } from './verdict/series.ts'

const usualAlpha = 0.01

/** What is judged where no file says so. */
export const noCriteria: Criteria = { alpha: usualAlpha, look: undefined, warmUp: undefined, resources: [] }

const limit = /^(\d+(?:\.\d+)?) ?\/ ?(?:(min|minute|h|hour|cycle|operation)|([1-9]\d*) ?operations)$/

const schema = z.strictObject({
  alpha: z.number().min(0.00001).max(0.1).default(usualAlpha),
  look: z.int().min(1).max(1_000).optional(),
  warm_up: z
    .string()
    .refine((text) => parseDuration(text) !== undefined, 'write for example 5m')
    .optional(),
  resources: z
    .record(
      z.string(),
      z.strictObject({
        below: z.string().regex(limit, 'write for example 5/min, 100/h, 0.5/cycle or 0.66/1000 operations').optional(),
        kind: z.enum(['count', 'size']).optional(),
      }),
    )
    .refine((resources) => Object.keys(resources).length > 0, 'name at least one'),
})

export type CriteriaFile = z.infer<typeof schema>

/**
 * Reads criteria in YAML. Fails with a `SeriesError` that says line and column.
 *
 * @example
 * warm_up: 5m
 * resources:
 *   goroutines: { below: 10/min }
 *   descriptors: { below: 5/min }
 */
export function readCriteria(name: string, text: string): CriteriaFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const placeOf = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return `${name}:${Math.max(1, line)}:${Math.max(1, col)}`
  }
  if (document.errors.length > 0)
    throw SeriesError.of(document.errors.map(({ pos, message }) => `${placeOf(pos[0])}: ${message}`))
  const result = schema.safeParse(document.toJS())
  if (result.success) return result.data
  throw SeriesError.of(
    result.error.issues.map(({ path, message }) => {
      const node = document.getIn(path, true) as { range?: readonly number[] } | undefined
      return `${placeOf(node?.range?.[0] ?? 0)}: ${[path.join('.'), message].filter((part) => part !== '').join(': ')}`
    }),
    'keys: alpha, look, warm_up, resources; of a resource: below, kind (count or size)',
  )
}

/** What is known of the load, where a criterion is written per another unit than the series has. */
export interface OperationsPer {
  readonly minute?: number
  readonly cycle?: number
}

/** The criteria in units of a series. Fails with a `SeriesError` where they are of other units, and how many operations these are is not known. */
export function criteriaFor(unit: AxisUnit, file: CriteriaFile, operationsPer: OperationsPer = {}): Criteria {
  if (file.warm_up !== undefined && unit !== 'minute')
    throw SeriesError.of([`warm_up is a time, and the series goes by ${unit}s: their warm-up is found`])
  return {
    alpha: file.alpha,
    look: file.look,
    warmUp: file.warm_up === undefined ? undefined : parseDuration(file.warm_up)! / 60_000,
    resources: Object.entries(file.resources).map(([name, { below, kind }]) => ({
      name,
      kind,
      below: below === undefined ? undefined : inUnit({ name, below, unit, operationsPer }),
    })),
  }
}

interface Limit {
  readonly name: string
  readonly below: string
  readonly unit: AxisUnit
  readonly operationsPer: OperationsPer
}

function inUnit({ name, below, unit, operationsPer }: Limit): number {
  const { amount, per } = amountPer(below)
  if (per === unit) return amount
  const operations = { ...operationsPer, operation: 1 }
  const [of, wanted] = [operations[per], operations[unit]]
  if (!of || !wanted)
    throw SeriesError.of(
      [`the criterion of "${name}" is ${below}, and the series goes by ${unit}s`],
      `write it per ${unit === 'operation' ? '1000 operations' : unit}`,
    )
  return (amount / of) * wanted
}

function amountPer(below: string): { readonly amount: number; readonly per: AxisUnit } {
  const [, amount, word, operations] = limit.exec(below)!
  if (operations !== undefined) return { amount: Number(amount) / Number(operations), per: 'operation' }
  if (word === 'cycle' || word === 'operation') return { amount: Number(amount), per: word }
  return { amount: Number(amount) / (word!.startsWith('h') ? 60 : 1), per: 'minute' }
}
