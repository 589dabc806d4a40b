/** What the shell is told. */
export const exitCodes = {
  ok: 0,
  /** It was understood and did not work out, or not all of it. */
  failure: 1,
  /** The command line was not understood. */
  usage: 2,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]
