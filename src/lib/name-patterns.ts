import picomatch from 'picomatch'

/** Whether a text is as one of the patterns says. Names, images and labels are text, not paths: `*` crosses slashes, and nothing but `*` and `?` is special. */
export function matchesAny(patterns: readonly string[]): (text: string) => boolean {
  return picomatch(
    patterns.map((pattern) => pattern.replaceAll('*', '**')),
    { bash: true, dot: true, nobrace: true, noextglob: true, nonegate: true, nobracket: true },
  )
}
