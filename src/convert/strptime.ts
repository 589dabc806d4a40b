/** A pattern of strptime with what `timestamp` has no short form for written out; undefined: there is something in it that it does not read, or no time of day. */
export function strptime(written: string): string | undefined {
  const pattern = written
    .replaceAll('%F', '%Y-%m-%d')
    .replaceAll('%T', '%H:%M:%S')
    .replaceAll('%R', '%H:%M')
    .replaceAll('%D', '%m/%d/%y')
  if (/%(?![YymbBdeHkIlpMSfLNzZaAs%])/.test(pattern)) return undefined
  const directives = [...pattern.matchAll(/%([A-Za-z])/g)].map(([, letter]) => letter!)
  const isOnce = new Set(directives).size === directives.length
  return isOnce && /%[HIs]/.test(pattern) ? pattern : undefined
}
