import type { Query } from '../promql.ts'

/** As Grafana names them. */
export type Unit = 'short' | 'percentunit' | 's' | 'bytes' | 'Bps' | 'cps' | 'none'

export interface Target {
  readonly query: Query
  /** With Grafana's templates: `{{sink}}`. */
  readonly legend: string
}

export interface Panel {
  readonly title: string
  /** What it says, and what is to be wished for. */
  readonly description: string
  /** `stat`: one number, as of now. */
  readonly kind: 'timeseries' | 'stat'
  readonly unit: Unit
  readonly targets: readonly [Target, ...Target[]]
  /** Of a `stat`: from here on it is orange, and red. */
  readonly thresholds?: readonly [warning: number, critical: number]
  /** Of a `stat`: words for numbers. */
  readonly words?: Readonly<Record<number, string>>
}

export interface Dashboard {
  /** Also the name of the file. */
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly rows: readonly { readonly title: string; readonly panels: readonly Panel[] }[]
}

/** Every selector of a panel is for the collectors that are chosen at the top. */
export const chosenInstances = ['instance=~"$instance"']

export function timeseries(
  title: string,
  unit: Unit,
  description: string,
  targets: Readonly<Record<string, Query>>,
): Panel {
  return { title, description, kind: 'timeseries', unit, targets: targetsOf(targets) }
}

export function stat(
  title: string,
  unit: Unit,
  description: string,
  { query, ...more }: { readonly query: Query } & Pick<Panel, 'thresholds' | 'words'>,
): Panel {
  return { title, description, kind: 'stat', unit, targets: [{ query, legend: '' }], ...more }
}

/** By legend. */
function targetsOf(targets: Readonly<Record<string, Query>>): readonly [Target, ...Target[]] {
  const [first, ...others] = Object.entries(targets).map(([legend, query]) => ({ legend, query }))
  return [first!, ...others]
}
