/** A line where it lies in the arena. */
export interface Line {
  readonly bytes: Buffer
  readonly from: number
  readonly to: number
  /** The stream it is from. */
  readonly key: string
}
