import type { Unit } from '../measure/figures.ts'
import type { RowResult } from '../run-rows.ts'
import { numberText } from './number.ts'

export interface Judged {
  readonly what: string
  readonly target: string
  /** Undefined: a row that it needs was not measured. */
  readonly measured: string | undefined
  readonly verdict: 'met' | 'NOT MET' | 'not measured'
}

/** The median of a row's figure, or its least; undefined: not measured. */
type Look = (row: string, unit: Unit, which?: 'median' | 'min') => number | undefined

interface Target {
  readonly what: string
  readonly unit: string
  readonly limit: number
  /** Undefined: at most. */
  readonly isAtLeast?: true
  readonly value: (look: Look) => number | undefined
}

const cpu = 'CPU s / 1M lines'

const targets: readonly Target[] = [
  most('json-file -> Loki (protobuf + snappy)', 0.8, cpu, (look) => look('loki', cpu)),
  least('the same, through one process', 1e6, 'lines/s', (look) => look('loki', 'lines/s')),
  most("the same, beside Fluent Bit's cost", 1 / 8, 'of it', (look) =>
    ratio(look('loki', cpu), look('fluent-bit-loki', cpu)),
  ),
  most('json-file -> Loki (JSON + gzip)', 1.6, cpu, (look) => look('loki-json', cpu)),
  most("the same, beside Fluent Bit's cost", 1 / 4, 'of it', (look) =>
    ratio(look('loki-json', cpu), look('fluent-bit-loki', cpu)),
  ),
  most('json-file -> rotated NDJSON files', 0.8, cpu, (look) => look('file', cpu)),
  most('engine API -> Loki, own cost', 3.2, cpu, (look) => look('loki-api', cpu)),
  least("engine API -> Loki, beside curl's lines/s", 0.95, 'of them', (look) =>
    ratio(look('loki-api', 'lines/s'), look('curl-api', 'lines/s')),
  ),
  most('disk queue in the path, added', 0.35, cpu, (look) => difference(look('loki-disk', cpu), look('loki', cpu))),
  most('substring filter in the path, added', 0.06, cpu, (look) =>
    difference(look('loki-filter', cpu), look('loki', cpu)),
  ),
  most('substring filter alone', 0.06, cpu, (look) => look('stage-filter', cpu)),
  most('redaction alone', 0.35, cpu, (look) => look('stage-redact', cpu)),
  most('JSON fields lifted, alone', 0.6, cpu, (look) => look('stage-parse', cpu)),
  most('multiline, alone', 0.15, cpu, (look) => look('stage-multiline', cpu)),
  most('memory at full speed', 130, 'peak MB', (look) => look('loki', 'peak MB')),
  most('memory at 10,000 lines/s', 90, 'resident MB', (look) => look('steady-1', 'resident MB')),
  most('memory with 1,000 quiet containers', 120, 'resident MB', (look) => look('quiet-1000', 'resident MB')),
  most('1,000 quiet containers', 1, '% of a core', (look) => look('quiet-1000', '% of a core')),
  most('latency at 10,000 lines/s, p50', 60, 'ms', (look) => look('steady-1', 'latency p50 ms')),
  most('latency at 10,000 lines/s, p99', 250, 'ms', (look) => look('steady-1', 'latency p99 ms')),
  most('10, 100, 1,000 containers at the same rate, the dearest beside the cheapest', 1.3, 'times', (look) =>
    spread(['steady-10', 'steady-100', 'steady-1000'].map((name) => look(name, cpu))),
  ),
  most('24 h of 10,000 lines/s, by half an hour: growth of heap and buffers that is shown', 1, 'MB/h', (look) =>
    shownGrowth(look('endurance', 'heap MB/h', 'min')),
  ),
  most('the same, of resident memory', 1, 'MB/h', (look) => shownGrowth(look('endurance', 'resident MB/h', 'min'))),
  most('start to the first line delivered', 400, 'ms', (look) => look('first-line', 'first line ms')),
]

/** Each target, met or not by the medians that were measured. */
export function judge(rows: readonly RowResult[]): Judged[] {
  const look: Look = (name, unit, which = 'median') => rows.find((row) => row.name === name)?.figures[unit]?.[which]
  return targets.map(({ what, unit, limit, isAtLeast, value }) => {
    const found = value(look)
    const target = `${isAtLeast === true ? 'at least' : 'at most'} ${limit < 1 ? limit.toPrecision(2) : numberText(limit)} ${unit}`
    if (found === undefined) return { what, target, measured: undefined, verdict: 'not measured' }
    const isMet = isAtLeast === true ? found >= limit : found <= limit
    return { what, target, measured: `${numberText(found)} ${unit}`, verdict: isMet ? 'met' : 'NOT MET' }
  })
}

function most(what: string, limit: number, unit: string, value: Target['value']): Target {
  return { what, limit, unit, value }
}

function least(what: string, limit: number, unit: string, value: Target['value']): Target {
  return { what, limit, unit, value, isAtLeast: true }
}

function ratio(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a / b
}

function difference(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a - b
}

/** By its lower limit; what may be nothing is nothing. */
function shownGrowth(low: number | undefined): number | undefined {
  return low === undefined ? undefined : Math.max(0, low)
}

function spread(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length < values.length ? undefined : Math.max(...known) / Math.min(...known)
}
