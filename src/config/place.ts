import type { Position, Problem } from './problem.ts'

/** One document of the configuration. */
export interface SourceText {
  /** What the user knows it by: the path of the file, or `<stdin>`. */
  readonly name: string
  readonly text: string
  /** How a document of this kind begins, for whoever has written something else; `sources:` where it is not given. */
  readonly beginning?: string
}

/** Where something was written. */
export interface Place {
  readonly source: SourceText
  readonly offset: number
}

export type Path = readonly PropertyKey[]

/** What is wrong, and what to do about it. */
export interface Finding {
  readonly message: string
  readonly cure?: string | undefined
}

export function problemAt(place: Place, path: Path, { message, cure }: Finding): Problem {
  const position = positionIn(place.source, place.offset)
  return { file: place.source.name, position, path: renderPath(path), message, cure }
}

export function positionIn({ text }: SourceText, offset: number): Position {
  const before = text.slice(0, offset)
  const start = before.lastIndexOf('\n') + 1
  const end = text.indexOf('\n', start)
  const source = text.slice(start, end === -1 ? undefined : end).replace(/\r$/, '')
  return { line: before.split('\n').length, column: Math.min(offset - start, source.length) + 1, source }
}

/** `log-capturer.yaml:7:5`. */
export function renderPlace({ source, offset }: Place): string {
  const { line, column } = positionIn(source, offset)
  return `${source.name}:${line}:${column}`
}

/** `sinks.disk.names[0]`. */
export function renderPath(path: Path): string {
  let text = ''
  for (const segment of path) {
    if (typeof segment === 'number') text += `[${segment}]`
    else text += text === '' ? String(segment) : `.${String(segment)}`
  }
  return text
}
