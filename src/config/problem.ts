import { LogCapturerError } from '../lib/error.ts'

/** One thing that is wrong with a configuration. */
export interface Problem {
  readonly file: string
  /** Undefined where the file as a whole is meant: it cannot be read, say. */
  readonly position: Position | undefined
  /** Path of the key, such as `sinks.disk.path`; empty for the document itself. */
  readonly path: string
  readonly message: string
  /** What to do about it. */
  readonly cure: string | undefined
}

export interface Position {
  /** Both begin with 1. */
  readonly line: number
  readonly column: number
  /** The line as it is in the file, without its end; empty where it holds a secret. */
  readonly source: string
}

/** Takes the problems as they are found, so that all of them are told at once. */
export type Report = (problem: Problem) => void

/** The configuration cannot be used. The message tells every problem, the way a compiler does. */
export class ConfigError extends LogCapturerError {
  readonly code = 'CONFIG'
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[], what = 'the configuration') {
    const sorted = [...problems].sort(byPlace)
    const count = sorted.length === 1 ? '1 problem' : `${sorted.length} problems`
    super(`${what} has ${count}\n${sorted.map(renderProblem).join('\n')}`)
    this.problems = sorted
  }
}

/** Longer source lines are not shown: a caret below them would be off the screen. */
const maxSourceLength = 160

/**
 * @example
 * log-capturer.yaml:7:5: sinks.disk.pathh: unknown key; did you mean "path"?
 *     pathh: ./logs
 *     ^
 */
export function renderProblem({ file, position, path, message, cure }: Problem): string {
  const place = position === undefined ? file : `${file}:${position.line}:${position.column}`
  const head = [place, path, cure === undefined ? message : `${message}; ${cure}`]
    .filter((part) => part !== '')
    .join(': ')
  if (position === undefined || position.source.trim() === '' || position.source.length > maxSourceLength) return head
  const indent = position.source.slice(0, position.column - 1).replace(/[^\t]/g, ' ')
  return `${head}\n  ${position.source}\n  ${indent}^`
}

function byPlace(a: Problem, b: Problem): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1
  const [left, right] = [a.position, b.position]
  return (left?.line ?? 0) - (right?.line ?? 0) || (left?.column ?? 0) - (right?.column ?? 0)
}
