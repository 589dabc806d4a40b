import type { Outcome } from '../verdict/judge.ts'
import type { Figure } from './charts/figure.ts'

/** A report, before it is Markdown or HTML. All texts are plain: whoever renders them escapes them. */
export type Block =
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'verdict'; readonly outcome: Outcome; readonly headline: string; readonly sentence: string }
  | Table
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'figure'; readonly figure: Figure }

export interface Table {
  readonly kind: 'table'
  /** What it is a table of: for those who do not see it. */
  readonly caption: string
  readonly head: readonly Column[]
  /** As many cells as columns; the first names the row. */
  readonly rows: readonly (readonly Cell[])[]
}

export interface Column {
  readonly text: string
  readonly isNumber?: boolean
}

/** A word that says how a criterion or a gate came out has a tone; the words alone say it too. */
export type Cell = string | { readonly text: string; readonly tone: Tone }

export type Tone = 'good' | 'bad' | 'open'

export function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text
}
