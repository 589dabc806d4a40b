import { suggest } from '../lib/nearest.ts'
import { type Axis, axisOf, axisWords, findAxis, numberOf } from './axis.ts'
import { type Field, parseCsv } from './csv.ts'
import { SeriesError } from './series-error.ts'
import type { Series } from './verdict/series.ts'

export interface SeriesFile {
  /** As it is called in messages. */
  readonly name: string
  readonly text: string
  /** The column that the series goes along; undefined: the one with a usual name. */
  readonly time: string | undefined
  /** Which columns are resources; empty: all others, which then have to hold numbers. */
  readonly wanted: readonly string[]
}

/** Columns that tell processes apart. */
const identities = /^(pid|start_?time|process_start_time_seconds)$/i

/**
 * Reads a CSV file with a header: a column that the series goes along, and resources. An empty field, or NaN, is a reading that is missing.
 * Fails with a `SeriesError` that says line and column.
 */
export function readSeries({ name, text, time, wanted }: SeriesFile): Series {
  const [header, ...records] = parseCsv(text)
  if (!header) throw SeriesError.of([`${name}: the file is empty`], 'the first line names the columns')
  if (records.length === 0) throw SeriesError.of([`${name}: there is a header and no reading`])
  const names = header.map((field) => field.text)
  const place = ({ line, column }: Field) => `${name}:${line}:${column}`
  const problems = [...shapeProblems(header, records, place)]
  if (problems.length > 0) throw SeriesError.of(problems)
  const index = axisIndex({ file: name, names, time })
  const axis = axisOf(names[index]!, records[0]![index]!.text)
  if (!axis)
    throw SeriesError.of(
      [`${place(header[index]!)}: the unit of "${names[index]!}" cannot be told`],
      `call the column ${axisWords}; or write times as 2026-11-23T12:48:58Z or seconds since 1970`,
    )
  const numbers = (column: number, parse: Axis['parse']) =>
    records.map((record) => {
      const field = record[column]!
      const value = parse(field.text)
      if (value === undefined)
        problems.push(
          `${place(field)}: "${names[column]!}" is no ${parse === axis.parse ? `place on the axis (${axis.unit})` : 'number'}: "${field.text}"`,
        )
      return value ?? NaN
    })
  const at = numbers(index, axis.parse)
  const resources = resourceColumns(names, index, wanted).map((column) => ({
    name: names[column]!,
    values: numbers(column, readingOf),
  }))
  if (problems.length > 0)
    throw SeriesError.of(
      problems,
      wanted.length === 0
        ? 'name the columns to judge in a file for --criteria: the others are not read then'
        : undefined,
    )
  if (resources.length === 0 && wanted.length === 0)
    throw SeriesError.of([`${name}: there is no column beside "${names[index]!}"`])
  const read = new Set([names[index], ...resources.map((resource) => resource.name)])
  const isIdentity = (column: string) => identities.test(column)
  return {
    unit: axis.unit,
    at,
    resources,
    unread: names.filter((column) => !read.has(column) && !isIdentity(column)),
    identities: names.flatMap((column, i) =>
      isIdentity(column) && !read.has(column)
        ? [{ name: column, values: records.map((record) => record[i]!.text) }]
        : [],
    ),
  }
}

function* shapeProblems(
  header: readonly Field[],
  records: readonly (readonly Field[])[],
  place: (field: Field) => string,
) {
  for (const [i, field] of header.entries()) {
    if (field.text === '') yield `${place(field)}: column ${i + 1} has no name`
    if (header.findIndex(({ text }) => text === field.text) < i)
      yield `${place(field)}: a second column is called "${field.text}"`
  }
  for (const record of [header, ...records]) {
    const open = record.find(({ isOpen }) => isOpen)
    if (open) yield `${place(open)}: the quote is not closed, or something follows it`
    else if (record.length !== header.length)
      yield `${place(record.at(-1)!)}: the line has ${record.length} fields, the header ${header.length}`
  }
}

function axisIndex({
  file,
  names,
  time,
}: {
  readonly file: string
  readonly names: readonly string[]
  readonly time: string | undefined
}) {
  const index = time === undefined ? findAxis(names) : names.indexOf(time)
  if (index !== -1) return index
  if (time === undefined)
    throw SeriesError.of(
      [`${file}:1:1: no column says what the series goes along`],
      `name it with --time, or call it ${axisWords}`,
    )
  throw SeriesError.of([`${file}:1:1: there is no column "${time}"`], suggest(time, names, 'columns'))
}

function resourceColumns(names: readonly string[], axis: number, wanted: readonly string[]): readonly number[] {
  const isResource = (name: string, i: number) =>
    i !== axis && (wanted.length === 0 ? !identities.test(name) : wanted.includes(name))
  return names.flatMap((name, i) => (isResource(name, i) ? [i] : []))
}

function readingOf(text: string): number | undefined {
  return text === '' || /^nan$/i.test(text) ? NaN : numberOf(text)
}
