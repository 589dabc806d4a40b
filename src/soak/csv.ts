/** A field of a CSV file, and where it begins; both begin with 1. */
export interface Field {
  readonly text: string
  readonly line: number
  readonly column: number
  /** A quote was opened and not closed in this line. */
  readonly isOpen: boolean
}

/**
 * The records of a CSV file, a line each; empty lines are passed over. As RFC 4180, but no field goes on in the next line.
 *
 *     record = field *( "," field ) ( LF / CRLF )
 *     field  = *TEXT / DQUOTE *( TEXT / "," / 2DQUOTE ) DQUOTE
 */
export function parseCsv(text: string): readonly (readonly Field[])[] {
  return text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .flatMap((source, i) => (source.trim() === '' ? [] : [fieldsOf(source, i + 1)]))
}

function fieldsOf(source: string, line: number): readonly Field[] {
  const fields: Field[] = []
  for (let at = 0; at <= source.length; ) {
    const match = /^"((?:[^"]|"")*)"[ \t]*(?=,|$)/.exec(source.slice(at))
    const taken = match?.[0] ?? /^[^,]*/.exec(source.slice(at))![0]
    const content = match?.[1]?.replaceAll('""', '"') ?? taken.trim()
    fields.push({ text: content, line, column: at + 1, isOpen: match === null && taken.startsWith('"') })
    at += taken.length + 1
  }
  return fields
}
