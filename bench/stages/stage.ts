/** A part of a line's way alone: what it costs where nothing else runs. */
export interface Stage {
  readonly name: string
  /** What is measured, in a few words. */
  readonly what: string
  open(input: StageInput): Pass | Promise<Pass>
}

export interface StageInput {
  /** Whole records of Docker's driver json-file: what every stage makes its own input of. */
  readonly records: Buffer
  readonly lines: number
  /** An empty folder. */
  readonly folder: string
}

/** Takes every line of the input once. @returns how many lines came out */
export type Pass = () => number | Promise<number>
