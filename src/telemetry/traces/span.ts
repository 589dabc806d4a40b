/** One step of something, as OpenTelemetry has it. */
export interface Span {
  /** 32 and 16 digits, hexadecimal. */
  readonly traceId: string
  readonly spanId: string
  /** Undefined: the first of its trace. */
  readonly parentSpanId: string | undefined
  /** One of few: what differs is in `attributes`. */
  readonly name: string
  /** `client`: somebody else is asked. */
  readonly kind: 'internal' | 'client'
  /** `performance.now()`. */
  readonly startedAtMs: number
  readonly endedAtMs: number
  readonly attributes: Readonly<Record<string, string | number>>
  /** What went wrong; undefined: nothing did. */
  readonly error: string | undefined
}
