import { hasProgram, missingPackages } from '../scripts/engine-packages.mjs'
import { messageOf } from '../src/lib/error.ts'
import type { Input } from './input/json-file.ts'
import { type Figures, type Spread, spreadOf, type Unit } from './measure/figures.ts'
import { type Machine, readMachine } from './measure/machine.ts'
import type { Bench, Row } from './rows/row.ts'

export interface RowResult {
  readonly name: string
  readonly what: string
  readonly figures: Partial<Record<Unit, Spread>>
  /** Why it was not measured: nothing is wrong. */
  readonly obstacle?: string
  /** What went wrong in its first bad run. */
  readonly failure?: string
}

export interface Result {
  readonly measuredAt: string
  readonly machine: Machine
  readonly lines: number
  readonly bytesPerLine: number
  readonly rows: readonly RowResult[]
}

export interface Runs {
  readonly bench: Bench
  readonly runs: number
  readonly tell: (text: string) => void
}

/** Measures rows in turns, so that what the machine does meanwhile hits all of them. */
export async function runRows(rows: readonly Row[], { bench, runs, tell }: Runs): Promise<Result> {
  const states = rows.map((row) => ({
    row,
    obstacle: obstacleTo(row),
    measured: [] as Figures[],
    failure: undefined as string | undefined,
  }))
  for (let run = 1; run <= runs; run++) {
    for (const state of states) {
      if (state.obstacle !== undefined || state.failure !== undefined) continue
      bench.signal.throwIfAborted()
      try {
        const figures = await state.row.measure(bench)
        state.measured.push(figures)
        tell(`${run}/${runs} ${state.row.name}: ${textOf(figures)}`)
      } catch (error) {
        state.failure = messageOf(error)
        tell(`${run}/${runs} ${state.row.name} FAILED: ${state.failure}`)
      }
      bench.clearFolders()
    }
  }
  return {
    ...headOf(bench.input),
    rows: states.map(({ row, obstacle, measured, failure }) => ({
      name: row.name,
      what: row.what,
      figures: failure === undefined ? spreadsOf(measured) : {},
      ...(obstacle === undefined ? {} : { obstacle }),
      ...(failure === undefined ? {} : { failure }),
    })),
  }
}

/** What a result says besides its rows. */
export function headOf({ lines, textBytes }: Input): Omit<Result, 'rows'> {
  return {
    measuredAt: new Date().toISOString(),
    machine: readMachine(),
    lines,
    bytesPerLine: Math.round(textBytes / lines),
  }
}

function obstacleTo({ usesRealEngine, program }: Row): string | undefined {
  if (program !== undefined && !hasProgram(program)) return `${program} is not installed here`
  if (usesRealEngine !== true) return undefined
  if (process.getuid?.() !== 0) return 'a private Docker engine takes root'
  return missingPackages().length > 0 ? `Docker is not installed here: ${missingPackages().join(', ')}` : undefined
}

function spreadsOf(measured: readonly Figures[]): RowResult['figures'] {
  const units = Object.keys(measured[0] ?? {}) as Unit[]
  return Object.fromEntries(units.map((unit) => [unit, spreadOf(measured.map((figures) => figures[unit]!))]))
}

function textOf(figures: Figures): string {
  return Object.entries(figures)
    .map(([unit, value]) => `${value.toPrecision(4)} ${unit}`)
    .join(', ')
}
