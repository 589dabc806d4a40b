// Controls of the terminal (C0 without the tab, DEL, C1), and characters that reorder or break the line in which they stand.
const unsafe = /[\0-\x08\n-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** The text with everything made visible that would make a terminal do something: move, erase, change colour, answer, reorder. */
export function visibleText(text: string): string {
  return text.replace(unsafe, (sign) => {
    const code = sign.charCodeAt(0)
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
  })
}

/** JSON of `value`, indented, that is as safe on a terminal: what JSON leaves as it is stands there as an escape. */
export function visibleJson(value: unknown, indent = 2): string {
  return withEscapes(JSON.stringify(value, null, indent))
}

/** The same in one line. */
export function visibleJsonLine(value: unknown): string {
  return visibleJson(value, 0)
}

/** JSON that is there already. */
export function withEscapes(json: string): string {
  return json.replace(unsafe, (sign) =>
    sign === '\n' ? sign : `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
