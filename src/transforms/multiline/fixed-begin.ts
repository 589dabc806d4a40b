// Cost: some nanoseconds a line, where a pattern costs half a microsecond and a string.

/** How a line has to begin, byte by byte: 1 for each byte that may stand there. */
export interface FixedBegin {
  readonly places: readonly Uint8Array[]
  /** Whether that is all that the pattern asks. */
  readonly isAll: boolean
}

/**
 * What an anchored pattern of RE2 asks of the first bytes of a line: `^[0-9]{4}-[0-9]{2}` asks nothing else. Letters, digits, classes, `\d`, `\s`, `\w` and counts are
 * understood; what comes behind anything else is not looked at. Undefined: nothing can be said.
 */
export function fixedBeginOf(pattern: string): FixedBegin | undefined {
  if (!pattern.startsWith('^')) return undefined
  const places: Uint8Array[] = []
  let at = 1
  while (at < pattern.length) {
    const atom = atomAt(pattern, at)
    if (atom === undefined) break
    const count = countAt(pattern, atom.end)
    if (count === undefined || places.length + count.times > longest) break
    for (let i = 0; i < count.times; i++) places.push(atom.bytes)
    at = count.end
    // One is asked for, and more are allowed.
    if (pattern[at - 1] === '+' && at === atom.end + 1) break
  }
  const rest = pattern.slice(at)
  // An alternative need not begin so.
  if (places.length === 0 || rest.includes('|')) return undefined
  return { places, isAll: rest === '' }
}

export function beginsSo(bytes: Uint8Array, from: number, to: number, { places }: FixedBegin): boolean {
  if (to - from < places.length) return false
  for (let i = 0; i < places.length; i++) if (places[i]![bytes[from + i]!] === 0) return false
  return true
}

const longest = 64

interface Atom {
  readonly bytes: Uint8Array
  /** Where the pattern goes on. */
  readonly end: number
}

const digits = range('0', '9')
const classes: Readonly<Record<string, Uint8Array>> = {
  d: digits,
  s: bytesOf('\t\n\f\r '),
  w: union(digits, range('a', 'z'), range('A', 'Z'), bytesOf('_')),
}

/** One byte of a line, as the pattern asks for it. */
function atomAt(pattern: string, at: number): Atom | undefined {
  const letter = pattern[at]!
  if (letter === '[') return classAt(pattern, at)
  if (letter === '\\') return escapeAt(pattern, at)
  return isAscii(letter) && !'.^$|()?*+{}]'.includes(letter) ? { bytes: bytesOf(letter), end: at + 1 } : undefined
}

function escapeAt(pattern: string, at: number): Atom | undefined {
  const letter = pattern[at + 1] ?? ''
  const bytes = classes[letter] ?? (/^[!-/:-@[-`{-~]$/.test(letter) ? bytesOf(letter) : undefined)
  return bytes && { bytes, end: at + 2 }
}

/** `[0-9a-f_\d]`; none that is negated, or has classes with names in it. */
function classAt(pattern: string, open: number): Atom | undefined {
  let bytes = new Uint8Array(256)
  let at = open + 1
  if (pattern[at] === '^' || pattern[at] === ']') return undefined
  while (at < pattern.length && pattern[at] !== ']') {
    const letter = pattern[at]!
    if (letter === '[' || !isAscii(letter)) return undefined
    const atom = letter === '\\' ? escapeAt(pattern, at) : { bytes: bytesOf(letter), end: at + 1 }
    if (atom === undefined) return undefined
    const last = pattern[atom.end + 1]
    if (pattern[atom.end] === '-' && last !== undefined && last !== ']') {
      if (letter === '\\' || last === '\\' || last === '[' || !isAscii(last) || last < letter) return undefined
      bytes = union(bytes, range(letter, last))
      at = atom.end + 2
    } else {
      bytes = union(bytes, atom.bytes)
      at = atom.end
    }
  }
  return pattern[at] === ']' ? { bytes, end: at + 1 } : undefined
}

/** How often the atom before is asked for at least; undefined: it need not be there, or cannot be said. */
function countAt(pattern: string, at: number): { readonly times: number; readonly end: number } | undefined {
  const letter = pattern[at]
  if (letter === '+') return { times: 1, end: at + 1 }
  if (letter === '?' || letter === '*') return undefined
  if (letter !== '{') return { times: 1, end: at }
  const [text, times] = /^\{([1-9][0-9]?)\}(?![?*+{])/.exec(pattern.slice(at)) ?? []
  return text === undefined ? undefined : { times: Number(times), end: at + text.length }
}

function isAscii(letter: string): boolean {
  return letter >= '\t' && letter <= '~'
}

function bytesOf(letters: string): Uint8Array {
  const bytes = new Uint8Array(256)
  for (const letter of letters) bytes[letter.charCodeAt(0)] = 1
  return bytes
}

function range(first: string, last: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(256).fill(1, first.charCodeAt(0), last.charCodeAt(0) + 1)
}

function union(...sets: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: 256 }, (_, byte) => (sets.some((set) => set[byte] === 1) ? 1 : 0))
}
