/** Layouts that have a name in Promtail, or a format of their own in log-capturer. */
const named: Readonly<Record<string, string>> = {
  RFC3339: 'rfc3339',
  RFC3339Nano: 'rfc3339',
  Unix: 'unix',
  UnixMs: 'unix',
  UnixUs: 'unix',
  UnixNs: 'unix',
  RFC1123: 'http',
  RFC1123Z: '%a, %d %b %Y %H:%M:%S %z',
  RFC822: '%d %b %y %H:%M %z',
  RFC822Z: '%d %b %y %H:%M %z',
  RFC850: '%A, %d-%b-%y %H:%M:%S %z',
  ANSIC: '%a %b %e %H:%M:%S %Y',
  UnixDate: '%a %b %e %H:%M:%S %z %Y',
  RubyDate: '%a %b %d %H:%M:%S %z %Y',
  '02/Jan/2006:15:04:05 -0700': 'clf',
  '2006-01-02T15:04:05Z07:00': 'rfc3339',
  '2006-01-02T15:04:05.999999999Z07:00': 'rfc3339',
}

/** Pieces of a layout, the longer first, and directives of strptime. */
const pieces: readonly (readonly [string, string])[] = [
  ['January', '%B'],
  ['Monday', '%A'],
  ['-07:00', '%z'],
  ['Z07:00', '%z'],
  ['-0700', '%z'],
  ['Z0700', '%z'],
  ['2006', '%Y'],
  ['Jan', '%b'],
  ['Mon', '%a'],
  ['MST', '%z'],
  ['-07', '%z'],
  ['_2', '%e'],
  ['01', '%m'],
  ['02', '%d'],
  ['03', '%I'],
  ['04', '%M'],
  ['05', '%S'],
  ['06', '%y'],
  ['15', '%H'],
  ['PM', '%p'],
  ['pm', '%p'],
  ['1', '%m'],
  ['2', '%d'],
  ['3', '%I'],
]

/** A layout of Go as a format of the transform timestamp; undefined: it cannot be written so. */
export function strptimeOfGo(layout: string): string | undefined {
  if (Object.hasOwn(named, layout)) return named[layout]!
  let rest = layout
  let text = ''
  while (rest !== '') {
    const fraction = /^([.,])(0+|9+)(?!\d)/.exec(rest)
    if (fraction !== null) {
      text += `${fraction[1]!}%f`
      rest = rest.slice(fraction[0].length)
      continue
    }
    const piece = pieces.find(([go]) => rest.startsWith(go))
    if (piece === undefined && /^\d/.test(rest)) return undefined
    text += piece?.[1] ?? (rest[0] === '%' ? '%%' : rest[0]!)
    rest = rest.slice(piece?.[0].length ?? 1)
  }
  return /%[HIs]/.test(text) ? text : undefined
}
