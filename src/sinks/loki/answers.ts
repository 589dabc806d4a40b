/**
 * What an answer of Loki means. Texts and order of its checks: grafana/loki, pkg/validation/validate.go, pkg/distributor/{distributor,validator}.go,
 * pkg/ingester/stream.go, of 2.9 and 3.x. A 400 for some lines has stored the others.
 */
import type { Batch } from '../../batch/batch.ts'
import { findRefused } from './refused-lines.ts'
import { linesOf, type Push } from './plan.ts'

export interface Answer {
  readonly status: number
  readonly body: string
  /** The header Retry-After. */
  readonly retryAfter: string | undefined
}

export type Verdict =
  | { readonly kind: 'taken' }
  | { readonly kind: 'retry'; readonly reason: string; readonly afterMs: number }
  /** Nothing of the push was taken, because of its size or of something in it: its halves may be. */
  | { readonly kind: 'split'; readonly reason: string }
  /** Lines by reason; the server has the others. */
  | {
      readonly kind: 'refused'
      readonly lines: ReadonlyMap<string, readonly number[]>
      readonly maxLineBytes: number | undefined
    }

const mends: Readonly<Record<number, string>> = {
  401: 'the server wants to know who we are (401): check auth',
  403: 'the server does not let us write (403): check auth and tenant',
  404: 'there is no Loki at this address (404): check url',
  405: 'there is no Loki at this address (405): check url',
}
const tooLarge = /message larger than max|request body too large/i
/** Answers that concern the push as a whole. */
const unreadable =
  /couldn't parse|parse error|parsing labels|error parsing|unexpected EOF|snappy|proto:|corrupt input|invalid character|readObject|ReadMapCB|ReadString|readStringSlowPath|Value looks like|unknown value type|illegal/i
const maxReasonLength = 160

export function judge(answer: Answer, push: Push, batch: Batch): Verdict {
  const { status, body } = answer
  if (status === 200 || status === 204) return { kind: 'taken' }
  if (status === 413 || tooLarge.test(body)) return { kind: 'split', reason: 'line too long' }
  if (status === 400) return judgeBadRequest(answer, push, batch)
  const afterMs = parseRetryAfter(answer.retryAfter, Date.now())
  return { kind: 'retry', reason: mends[status] ?? `the server answers ${status}${textOf(body)}`, afterMs }
}

function judgeBadRequest({ status, body }: Answer, push: Push, batch: Batch): Verdict {
  const retry = (reason: string) => ({ kind: 'retry', reason, afterMs: 0 }) as const
  if (/structured metadata, but this feature is disallowed/.test(body))
    return retry('the server refuses structured metadata: allow it there, or set structured_metadata: false here')
  if (/no org id/.test(body)) return retry('the server wants to know a tenant: set tenant')
  // Of a proxy, not of Loki.
  if (body.trim() === '' || /^\s*<|plain HTTP request/i.test(body))
    return retry(`the server answers ${status}${textOf(body)}`)
  const { lines, maxLineBytes } = findRefused(body, push, batch)
  if (lines.size > 0) return { kind: 'refused', lines, maxLineBytes }
  if (unreadable.test(body)) return { kind: 'split', reason: 'unreadable for the server' }
  // Nothing tells which lines the server has: kept in the dead letters nothing is lost, and nothing is sent twice.
  const all = push.groups.flatMap(linesOf)
  return { kind: 'refused', lines: new Map([[`refused${textOf(body)}`, all]]), maxLineBytes: undefined }
}

function textOf(body: string): string {
  const text = body
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, maxReasonLength)
  return text === '' ? '' : `: ${text}`
}

/** Seconds, or an HTTP date (RFC 9110, 10.2.3), in milliseconds from now. */
export function parseRetryAfter(text: string | undefined, nowMs: number): number {
  if (text === undefined) return 0
  if (/^\d+$/.test(text)) return Number(text) * 1_000
  const atMs = Date.parse(text)
  return Number.isNaN(atMs) ? 0 : Math.max(0, atMs - nowMs)
}
