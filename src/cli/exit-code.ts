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

/**
 * `soak` and `watch` have their own, all of them verdicts. There 2 says that evidence is missing, so a command line that was not understood is 3:
 * nothing was judged either way.
 */
export const soakExitCodes = {
  met: 0,
  leak: 1,
  open: 2,
  invalid: 3,
} as const

/** For a command line that was not understood. */
export function usageCodeFor(words: readonly string[]): ExitCode {
  return words[0] === 'soak' || words[0] === 'watch' ? soakExitCodes.invalid : exitCodes.usage
}

/** For help and documents. */
export const exitStatusText =
  'Exit status: 0 done; 1 failed, or not everything was delivered; 2 the command line was not understood; 3 `verify` could not compare; 130 or 143 ended by a second SIGINT or SIGTERM. `soak` and `watch` have their own: 0 clean, criteria met; 1 leak; 2 not enough evidence; 3 invalid, or the command line was not understood.'

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]
