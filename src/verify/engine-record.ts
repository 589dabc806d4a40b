/** What a logging driver wrote at once: a line, or a piece of one. */
export interface EngineRecord {
  readonly stream: string
  readonly time: { readonly seconds: number; readonly nanos: number }
  readonly text: Buffer
  /** The text is the end of a line, and not a piece before it, or what a container left behind. */
  readonly isLineEnd: boolean
}
