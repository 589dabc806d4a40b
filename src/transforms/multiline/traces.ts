// Cost: of an ordinary line its first byte, its last byte and, where it begins with a letter, its first word are looked at; no pattern, no string.

import { isDigit } from '../../lib/digits.ts'

export const presetNames = ['java', 'python', 'go', 'node', 'ruby', 'dotnet'] as const
export type Preset = (typeof presetNames)[number]

/**
 * What a line is to the event before it. Where a line begins an event the result is the same whatever was before: nothing of an event that has ended is remembered. `context` is that of the event, `none` where there is no event; the result is the context of the event with the line,
 * with `begins` where the line begins one, or `unlessCalm` where it belongs to the event before unless that one says that all is well.
 */
export type LineRule = (bytes: Uint8Array, from: number, to: number, context: number) => number

export const begins = 0x100
export const unlessCalm = 0x200
export const contextBits = 0xff

/** What an event has come to. */
export const none = 0
/** A line that says nothing of itself. */
export const plain = 1
/** The name of an exception. */
const header = 2
const frames = 3
const pythonFrames = 4
/** The exception at the end of a traceback. */
const pythonEnd = 5
/** Between a traceback and the next one that belongs to it. */
const pythonNote = 6
const goPanic = 7
const goFrames = 8
/** The source line with a caret below it. */
const nodeExcerpt = 9
const nodeFrames = 10
const rubyHeader = 11
const rubyFrames = 12

/** Of these an empty line is a part. */
const takesBlank = bitsOf(pythonEnd, pythonNote, goPanic, goFrames, nodeExcerpt, nodeFrames, rubyHeader)

const space = 0x20
const tab = 0x09
const quote = 0x27
const closingParenthesis = 0x29
const colon = 0x3a
const dot = 0x2e
const carriageReturn = 0x0d

/** 1: may be in the name of a class or package. 2: and is a small letter. 3: and is a capital. */
const nameBytes = Uint8Array.from({ length: 256 }, (_, byte) => {
  const letter = String.fromCharCode(byte)
  if (/[a-z]/.test(letter)) return 2
  if (/[A-Z]/.test(letter)) return 3
  return /[0-9_$.]/.test(letter) ? 1 : 0
})
const longestName = 200

const at = Buffer.from('at ')
const causedBy = Buffer.from('Caused by: ')
const more = Buffer.from('... ')
const endOfTrace = Buffer.from('--- End of ')
const traceback = Buffer.from('Traceback (most recent call last)')
const groupTraceback = Buffer.from('+ Exception Group Traceback')
const file = Buffer.from('File "')
const notes = ['During handling of the above exception', 'The above exception was the direct cause'].map(toBytes)
const goroutine = Buffer.from('goroutine ')
const panics = ['panic: ', 'fatal error: ', 'runtime: ', 'SIGQUIT: ', 'unexpected fault address '].map(toBytes)
/** 1 for each byte that one of them begins with: most lines begin with another. */
const panicBegins = Uint8Array.from({ length: 256 }, (_, byte) => (panics.some((text) => text[0] === byte) ? 1 : 0))
const afterPanic = [
  ...panics,
  ...['[signal ', 'PC=', 'runtime stack:', 'goroutine ', '[originating from '].map(toBytes),
]
const afterGoFrames = ['created by ', 'goroutine ', 'exit status ', 'runtime stack:', '...additional '].map(toBytes)
const afterNodeFrames = ['Node.js v', '(Use `node ', 'Thrown at:', '}', ']'].map(toBytes)
const closing = ['}', ']'].map(toBytes)
const rubyThread = Buffer.from('#<Thread:')
const from_ = Buffer.from('from ')
const exceptionEnds = ['Exception', 'Error', 'Throwable'].map(toBytes)

/** Stack traces of these languages. */
export function traceRule(presets: readonly Preset[]): LineRule {
  const has = (...names: readonly Preset[]) => presets.some((preset) => names.includes(preset))
  const [isJava, isPython, isGo, isNode, isRuby] = [
    has('java', 'dotnet'),
    has('python'),
    has('go'),
    has('node'),
    has('ruby'),
  ]
  const isFramed = isJava || isNode

  const indented: LineRule = (bytes, from, to, context) => {
    let begin = from + 1
    while (begin < to && (bytes[begin] === space || bytes[begin] === tab)) begin += 1
    const orBegins = context === none ? begins : 0
    if (isFramed && startsWith(bytes, begin, to, at) && context !== pythonFrames) {
      const isOfNode = context === nodeExcerpt || context === nodeFrames
      return orBegins | (isOfNode ? nodeFrames : context === goPanic || context === goFrames ? context : frames)
    }
    if (isRuby && startsWith(bytes, begin, to, from_)) return orBegins | rubyFrames
    if (isPython && context <= header && startsWith(bytes, begin, to, file)) return orBegins | pythonFrames
    if (isPython && startsWith(bytes, begin, to, groupTraceback)) return orBegins | frames
    if (isNode && context === plain && isCarets(bytes, begin, to)) return nodeExcerpt
    return context === none ? begins | plain : context
  }

  /** What only belongs to a trace that is there; -1: nothing of the kind. */
  const within: LineRule = (bytes, from, to, context) => {
    switch (context) {
      case pythonFrames:
        return isPythonException(bytes, from, to) ? pythonEnd : -1
      case pythonEnd:
        return startsWithAny(bytes, from, to, notes) ? pythonNote : -1
      case pythonNote:
        return startsWith(bytes, from, to, traceback) ? pythonFrames : -1
      case goPanic:
        if (!startsWithAny(bytes, from, to, afterPanic)) return -1
        return startsWith(bytes, from, to, goroutine) ? goFrames : goPanic
      case goFrames:
        return startsWithAny(bytes, from, to, afterGoFrames) || isCall(bytes, from, to) || isRegister(bytes, from, to)
          ? goFrames
          : -1
      case nodeExcerpt:
        return nodeFrames
      case nodeFrames:
        return startsWithAny(bytes, from, to, afterNodeFrames) ? nodeFrames : -1
      case frames:
        return startsWithAny(bytes, from, to, closing) ? frames : -1
      case rubyFrames:
        return isRubyHeader(bytes, from, to) ? rubyHeader : -1
      default:
        return -1
    }
  }

  /** A line that may be the first of a trace, or a part of one wherever it stands. */
  const anywhere: LineRule = (bytes, from, to, context) => {
    const isAfterPlain = context === plain
    switch (bytes[from]) {
      case 0x54: // T
        if (isPython && startsWith(bytes, from, to, traceback))
          return (isAfterPlain ? unlessCalm : begins) | pythonFrames
        break
      case 0x67: // g
        if (isGo && startsWith(bytes, from, to, goroutine) && isDigit(bytes[from + goroutine.length]))
          return (isAfterPlain ? 0 : begins) | goFrames
        break
      case 0x43: // C
        if (isJava && startsWith(bytes, from, to, causedBy)) return (context === none ? begins : 0) | frames
        break
      case 0x61: // a
        if (isFramed && startsWith(bytes, from, to, at) && isFrame(bytes, from, to))
          return (context === none ? begins : 0) | frames
        break
      case dot:
        if (isJava && context >= header && startsWith(bytes, from, to, more)) return frames
        break
      case 0x2d: // -
        if (isJava && context >= header && startsWith(bytes, from, to, endOfTrace)) return frames
        break
      case 0x23: // #
        if (isRuby && startsWith(bytes, from, to, rubyThread)) return begins | rubyFrames
        break
      default:
    }
    if (isGo && panicBegins[bytes[from]!] === 1 && startsWithAny(bytes, from, to, panics)) return begins | goPanic
    if (isRuby) {
      const last = bytes[to - 1]
      if (last === quote && isRubyFrame(bytes, from, to)) {
        if (context >= frames) return rubyFrames
        return (context === none ? begins : unlessCalm) | rubyFrames
      }
      if (last === closingParenthesis && isRubyHeader(bytes, from, to)) return begins | rubyHeader
    }
    if (isJava && nameBytes[bytes[from]!]! > 1 && isExceptionName(bytes, from, to))
      return (isAfterPlain ? unlessCalm : begins) | header
    return begins | plain
  }

  return (bytes, from, to, context) => {
    const first = bytes[from]
    if (from === to || (first === carriageReturn && to - from === 1))
      return (takesBlank & (1 << context)) !== 0 ? context : begins | plain
    if (first === space || first === tab) return indented(bytes, from, to, context)
    if (context > header) {
      const inside = within(bytes, from, to, context)
      if (inside >= 0) return inside
    }
    return anywhere(bytes, from, to, context)
  }
}

function bitsOf(...contexts: readonly number[]): number {
  return contexts.reduce((bits, context) => bits | (1 << context), 0)
}

function toBytes(text: string): Buffer {
  return Buffer.from(text)
}

function startsWith(bytes: Uint8Array, from: number, to: number, text: Buffer): boolean {
  if (to - from < text.length) return false
  for (let i = 0; i < text.length; i++) if (bytes[from + i] !== text[i]) return false
  return true
}

function startsWithAny(bytes: Uint8Array, from: number, to: number, texts: readonly Buffer[]): boolean {
  for (const text of texts) if (bytes[from] === text[0] && startsWith(bytes, from, to, text)) return true
  return false
}

/** Where the name ends that the line begins with. */
function endOfName(bytes: Uint8Array, from: number, to: number): number {
  const limit = Math.min(to, from + longestName)
  let end = from
  while (end < limit && nameBytes[bytes[end]!] !== 0) end += 1
  return end
}

/** `java.io.IOException: reset`, `System.InvalidOperationException: no`: a name with a dot that ends as the names of exceptions do, then a colon or nothing. */
function isExceptionName(bytes: Uint8Array, from: number, to: number): boolean {
  const end = endOfName(bytes, from, to)
  if (end < to && bytes[end] !== colon && bytes[end] !== carriageReturn) return false
  for (const text of exceptionEnds) {
    const begin = end - text.length
    if (begin > from && startsWith(bytes, begin, end, text)) return bytes.subarray(from, begin).includes(dot)
  }
  return false
}

/** `ValueError: no`, `KeyboardInterrupt`, `requests.exceptions.ConnectionError: reset`. */
function isPythonException(bytes: Uint8Array, from: number, to: number): boolean {
  const end = endOfName(bytes, from, to)
  return end > from && (end === to || bytes[end] === colon || bytes[end] === carriageReturn)
}

/** `at com.example.Main.run(Main.java:12)`, `at Program.Main() in /app/Program.cs:line 5`. */
function isFrame(bytes: Uint8Array, from: number, to: number): boolean {
  return bytes.subarray(from + at.length, to).includes(0x28)
}

/** `main.(*Server).Run(0xc000012345, {0x1, 0x2})`: no space before the first parenthesis, and one at the end. */
function isCall(bytes: Uint8Array, from: number, to: number): boolean {
  if (bytes[to - 1] !== closingParenthesis) return false
  for (let i = from; i < to; i++) {
    if (bytes[i] === 0x28) return i > from
    if (bytes[i] === space) return false
  }
  return false
}

/** `rip    0x45d1a1`, `eflags 0x246`. */
function isRegister(bytes: Uint8Array, from: number, to: number): boolean {
  let end = from
  while (end < to && end - from < 7 && bytes[end] !== space) end += 1
  while (end < to && bytes[end] === space) end += 1
  return bytes[end] === 0x30 && bytes[end + 1] === 0x78
}

/** Only `^` and `~`, as below the place of a mistake. */
function isCarets(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++)
    if (bytes[i] !== 0x5e && bytes[i] !== 0x7e && bytes[i] !== carriageReturn) return false
  return from < to
}

/** The byte behind `:12:in `, before the quoted name of a method; 0: there is none. */
function endOfRubyPlace(bytes: Uint8Array, from: number, to: number): number {
  for (let i = from + 2; i + 5 < to; i++) {
    if (bytes[i] !== colon || bytes[i + 1] !== 0x69 || bytes[i + 2] !== 0x6e || bytes[i + 3] !== space) continue
    const opening = bytes[i + 4]
    if (isDigit(bytes[i - 1]) && (opening === quote || opening === 0x60)) return i + 5
  }
  return 0
}

/** ``/app/app.rb:5:in `divide'``. */
function isRubyFrame(bytes: Uint8Array, from: number, to: number): boolean {
  return endOfRubyPlace(bytes, from, to) > 0
}

/** ``/app/app.rb:5:in `divide': divided by 0 (ZeroDivisionError)``. */
function isRubyHeader(bytes: Uint8Array, from: number, to: number): boolean {
  return bytes[to - 1] === closingParenthesis && endOfRubyPlace(bytes, from, to) > 0
}
