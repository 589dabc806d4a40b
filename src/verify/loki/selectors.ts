import { z } from 'zod'
import { VerifyError } from '../verify-error.ts'
import type { LokiReader } from './client.ts'
import type { LokiQuery } from './connection.ts'
import type { Labels } from './entries.ts'
import type { Span } from './span.ts'

/** A log query is a stream selector and, perhaps, a pipeline: `{job="docker"} |= "error"`. @throws VerifyError where it does not begin like one */
export function splitQuery(query: string): { readonly selector: string; readonly pipeline: string } {
  const match = /^\s*(\{(?:[^"`}]|"(?:[^"\\]|\\.)*"|`[^`]*`)*\})(.*)$/s.exec(query)
  if (!match) throw new VerifyError(`${query} is no log query`, { hint: 'write for example {job="docker"}' })
  return { selector: match[1]!, pipeline: match[2]! }
}

/** The selector of exactly the streams that have these labels. */
export function selectorOf(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${quote(value)}`)
  return `{${pairs.join(', ')}}`
}

/** A text in LogQL, which reads it as Go does. */
export function quote(text: string): string {
  return JSON.stringify(text)
}

const labelSets = z.array(z.record(z.string(), z.string()))
const names = z.array(z.string()).nullish()

/** The label sets of the streams that have entries within about that time. */
export async function readSeries(
  { reader, query }: { readonly reader: LokiReader; readonly query: LokiQuery },
  { from, to }: Span,
  signal: AbortSignal,
): Promise<Labels[]> {
  const { selector } = splitQuery(query.selector)
  const words = { 'match[]': selector, start: String(from), end: String(to) }
  const answer = await reader.ask({ path: '/loki/api/v1/series', query: words, tenant: query.tenant }, signal)
  return answer.kind === 'data' ? labelSets.parse(answer.data) : []
}

/** The values of a label; of `undefined` the names of all labels. */
export async function readNames(
  { reader, tenant, label }: { readonly reader: LokiReader; readonly tenant: string; readonly label?: string },
  { from, to }: Span,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const path = label === undefined ? '/loki/api/v1/labels' : `/loki/api/v1/label/${encodeURIComponent(label)}/values`
  const answer = await reader.ask({ path, query: { start: String(from), end: String(to) }, tenant }, signal)
  return answer.kind === 'data' ? (names.parse(answer.data) ?? []) : []
}
