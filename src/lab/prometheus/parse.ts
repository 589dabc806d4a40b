/**
 * The text in which programs show their metrics: Prometheus' format 0.0.4 and OpenMetrics 1.0, read with the leniency of Prometheus' own
 * reader where the two differ.
 *
 *     page    = *( line LF ) [ comment ]
 *     line    = blank / comment / sample
 *     comment = "#" *any                                                "# TYPE name type", "# HELP name text", "# EOF", or anything else
 *     sample  = series value [ timestamp ] [ "#" exemplar ]             separated by blanks and tabs
 *     series  = name [ "{" [ label *( "," label ) [ "," ] ] "}" ]
 *             / "{" quoted [ "," label *( "," label ) ] [ "," ] "}"     a name beyond [a-zA-Z0-9_:] is quoted, within the braces
 *     label   = ( name / quoted ) "=" quoted
 *     quoted  = DQUOTE *( any but DQUOTE, "\" and LF / "\\" / "\" DQUOTE / "\n" ) DQUOTE
 *     value   = number / "NaN" / [ "+" / "-" ] "Inf"
 *
 * prometheus.io/docs/instrumenting/exposition_formats, prometheus.io/docs/specs/om/open_metrics_spec.
 */
import { ExpositionError } from './exposition-error.ts'

export interface Sample {
  readonly labels: ReadonlyMap<string, string>
  readonly value: number
  /** As written: milliseconds in format 0.0.4, seconds in OpenMetrics. */
  readonly timestamp: number | undefined
}

/** By name: what a line begins with, so that a histogram is three (`_bucket`, `_sum`, `_count`). */
export type Exposition = ReadonlyMap<string, readonly Sample[]>

export interface Page {
  readonly text: string
  /** An address or a file, for messages. */
  readonly name: string
  /** OpenMetrics ends with `# EOF`, so that a page that was cut can be told. */
  readonly isOpenMetrics?: boolean
}

/** Reads a page whole. @throws ExpositionError at the first line that is none */
export function parseExposition({ text, name, isOpenMetrics = false }: Page): Exposition {
  const found = new Map<string, Map<string, Sample>>()
  const lines = text.split('\n')
  for (const [i, line] of lines.entries()) {
    const cursor = new LineCursor(line.endsWith('\r') ? line.slice(0, -1) : line, `${name}:${i + 1}`)
    cursor.skipBlanks()
    if (cursor.isAtEnd || cursor.isAt('#')) continue
    // The last digits of a number may be missing, and nothing else would tell.
    if (i === lines.length - 1) throw cursor.error('the page is cut: its last line has no line feed')
    readSample(cursor, found)
  }
  if (isOpenMetrics && !/(^|\n)# EOF\s*$/.test(text))
    throw new ExpositionError(`${name}:${lines.length}:1: the page is cut: it does not end with "# EOF"`, {
      hint: cutHint,
    })
  return new Map([...found].map(([key, samples]) => [key, [...samples.values()]]))
}

/** The sum over the series of `name` that have all of `labels`; undefined: there is none. NaN when one of them is. */
export function sumOf(
  page: Exposition,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const wanted = Object.entries(labels)
  const samples = page.get(name)?.filter((sample) => wanted.every(([key, value]) => sample.labels.get(key) === value))
  if (samples === undefined || samples.length === 0) return undefined
  return samples.reduce((sum, { value }) => sum + value, 0)
}

/** The sums of `name` by the values of one label; series without the label are under "". */
export function sumsBy(page: Exposition, name: string, label: string): Map<string, number> {
  const sums = new Map<string, number>()
  for (const sample of page.get(name) ?? []) {
    const key = sample.labels.get(label) ?? ''
    sums.set(key, (sums.get(key) ?? 0) + sample.value)
  }
  return sums
}

function readSample(cursor: LineCursor, found: Map<string, Map<string, Sample>>): void {
  const { name, labels } = readSeries(cursor)
  const value = readNumber(cursor, 'value')
  cursor.skipBlanks()
  const timestamp = cursor.isAtEnd || cursor.isAt('#') ? undefined : readNumber(cursor, 'timestamp')
  cursor.skipBlanks()
  if (!cursor.isAtEnd && !cursor.isAt('#')) throw cursor.error('something follows the sample')
  const samples = found.get(name) ?? new Map<string, Sample>()
  found.set(name, samples)
  const key = keyOf(labels)
  const earlier = samples.get(key)
  if (earlier && (earlier.timestamp === undefined || timestamp === undefined))
    throw cursor.error(`the series "${name}" stands here a second time with the same labels`)
  // OpenMetrics may give several points of a series; the latest is what holds now.
  if (!earlier || timestamp! >= earlier.timestamp!) samples.set(key, { labels, value, timestamp })
}

function readSeries(cursor: LineCursor): { readonly name: string; readonly labels: Map<string, string> } {
  const labels = new Map<string, string>()
  let name = cursor.take(/[a-zA-Z_:][a-zA-Z0-9_:]*/y)
  cursor.skipBlanks()
  if (!cursor.isAt('{')) {
    if (name === undefined) throw cursor.error('no name of a metric begins here')
    return { name, labels }
  }
  cursor.skip()
  cursor.skipBlanks()
  while (!cursor.isAt('}')) {
    const key = readLabelName(cursor)
    cursor.skipBlanks()
    if (cursor.isAt('=')) {
      if (labels.has(key)) throw cursor.error(`the label "${key}" stands here a second time`)
      labels.set(key, readLabelValue(cursor))
    } else if (name === undefined) name = key
    else throw cursor.error(`"=" is missing after the label "${key}"`)
    cursor.skipBlanks()
    if (cursor.isAt('}')) break
    if (!cursor.isAt(',')) throw cursor.error('"," or "}" is missing after a label')
    cursor.skip()
    cursor.skipBlanks()
  }
  cursor.skip()
  if (name === undefined) throw cursor.error('the labels have no name of a metric')
  return { name, labels }
}

function readLabelName(cursor: LineCursor): string {
  if (cursor.isAt('"')) return readQuoted(cursor)
  const name = cursor.take(/[a-zA-Z_][a-zA-Z0-9_.]*/y)
  if (name === undefined) throw cursor.error('no name of a label begins here')
  return name
}

function readLabelValue(cursor: LineCursor): string {
  cursor.skip()
  cursor.skipBlanks()
  if (!cursor.isAt('"')) throw cursor.error('the value of a label begins with a quote')
  return readQuoted(cursor)
}

function readQuoted(cursor: LineCursor): string {
  const quoted = cursor.take(/"(?:[^"\\]|\\.)*"/y)
  if (quoted === undefined) throw cursor.error('the quote that begins here is not closed')
  // An unknown escape stands for itself, as in Prometheus' reader.
  return quoted.slice(1, -1).replace(/\\([\\"n])/g, (_, letter: string) => (letter === 'n' ? '\n' : letter))
}

function readNumber(cursor: LineCursor, what: 'value' | 'timestamp'): number {
  cursor.skipBlanks()
  const column = cursor.column
  const word = cursor.take(/[^ \t#]+/y)
  if (word === undefined) throw cursor.error(`the ${what} is missing`)
  const number = numberOf(word)
  if (number === undefined) throw cursor.error(`the ${what} "${word}" is no number`, column)
  return number
}

function numberOf(word: string): number | undefined {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(word)) return Number(word)
  if (/^[+-]?nan$/i.test(word)) return NaN
  if (/^[+-]?inf(inity)?$/i.test(word)) return word.startsWith('-') ? -Infinity : Infinity
  return undefined
}

/** The order of labels means nothing. */
function keyOf(labels: ReadonlyMap<string, string>): string {
  return JSON.stringify([...labels].sort(([a], [b]) => (a < b ? -1 : 1)))
}

const cutHint = 'the program may be ending, or something between cuts long answers'

class LineCursor {
  readonly #line: string
  readonly #where: string
  #at = 0

  constructor(line: string, where: string) {
    this.#line = line
    this.#where = where
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#line.length
  }

  isAt(character: string): boolean {
    return this.#line.charAt(this.#at) === character
  }

  get column(): number {
    return this.#at + 1
  }

  skip(): void {
    this.#at += 1
  }

  skipBlanks(): void {
    while (this.isAt(' ') || this.isAt('\t')) this.#at += 1
  }

  /** What matches the sticky `pattern` here, taken; undefined: it does not match. */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#line)?.[0]
    this.#at += match?.length ?? 0
    return match
  }

  error(why: string, column = this.column): ExpositionError {
    const hint = why.startsWith('the page is cut') ? cutHint : 'is this the address of a Prometheus metrics page?'
    return new ExpositionError(`${this.#where}:${column}: ${why}`, { hint })
  }
}
