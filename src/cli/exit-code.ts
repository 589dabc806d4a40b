/** What the shell is told. */
export const exitCodes = {
  ok: 0,
  /** It was understood and did not work out, or not all of it. */
  failure: 1,
  /** The command line was not understood. */
  usage: 2,
  /** `verify` only: nothing could be compared. */
  incomparable: 3,
} as const

/** For help and documents. */
export const exitStatusText =
  'Exit status: 0 done; 1 failed, or not everything was delivered; 2 the command line was not understood; 3 `verify` could not compare; 130 or 143 ended by a second SIGINT or SIGTERM.'

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]
