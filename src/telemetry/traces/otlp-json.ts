/**
 * Spans in the JSON encoding of OTLP (opentelemetry-proto, `trace/v1/trace.proto`): the protobuf message as JSON, with ids in hexadecimal, and 64-bit
 * numbers as text.
 */
import type { Span } from './span.ts'

const kinds = { internal: 1, client: 3 } as const
const statusError = 2

export interface Producer {
  /** `service.name` and its like, which say who made the spans. */
  readonly resource: Readonly<Record<string, string | number>>
  readonly version: string
}

/** The body of one request. */
export function encodeTraces(spans: readonly Span[], { resource, version }: Producer): string {
  // Both clocks at the same moment: the wall clock may have been set since the process began.
  const epochMs = Date.now() - performance.now()
  const scopeSpans = [{ scope: { name: 'log-capturer', version }, spans: spans.map((span) => spanOf(span, epochMs)) }]
  return JSON.stringify({ resourceSpans: [{ resource: { attributes: attributesOf(resource) }, scopeSpans }] })
}

function spanOf(span: Span, epochMs: number) {
  const { traceId, spanId, parentSpanId, name, kind, startedAtMs, endedAtMs, attributes, error } = span
  return {
    ...{ traceId, spanId, name, kind: kinds[kind] },
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    startTimeUnixNano: nanosText(epochMs + startedAtMs),
    endTimeUnixNano: nanosText(epochMs + endedAtMs),
    attributes: attributesOf(attributes),
    status: error === undefined ? {} : { code: statusError, message: error },
  }
}

function attributesOf(attributes: Readonly<Record<string, string | number>>) {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: valueOf(value) }))
}

function valueOf(value: string | number) {
  if (typeof value === 'string') return { stringValue: value }
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
}

/** A double holds microseconds since 1970, not nanoseconds. */
function nanosText(ms: number): string {
  return `${Math.round(ms * 1_000)}000`
}
