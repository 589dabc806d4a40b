import type { BenchEngine } from '../engines.ts'
import type { Input } from '../input/json-file.ts'
import type { Figures } from '../measure/figures.ts'

/** What every row measures with. */
export interface Bench {
  /** The folder of the program that is measured. */
  readonly root: string
  /** A fresh folder for one run, on the file system of the input. */
  newFolder(): string
  /** Removes the folders of the runs that are over. */
  clearFolders(): void
  readonly input: Input
  readonly simulated: BenchEngine
  /** @throws when there is none here, or no row has asked for it */
  readonly real: BenchEngine
  /** Seconds over which a steady state is looked at. */
  readonly steadySeconds: number
  readonly signal: AbortSignal
}

export interface Row {
  readonly name: string
  /** What is measured, in a few words. */
  readonly what: string
  readonly usesRealEngine?: boolean
  /** The program it needs besides our own. */
  readonly program?: string
  /** One run in fresh processes. @throws when not every line has come exactly once */
  measure(bench: Bench): Promise<Figures>
}

/** @throws when a line is missing or came twice */
export function proveComplete({ missing, doubled }: { readonly missing: number; readonly doubled: number }): void {
  if (missing + doubled > 0) throw new Error(`${missing} lines are missing and ${doubled} came twice`)
}
